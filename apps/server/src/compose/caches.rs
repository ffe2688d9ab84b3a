//! What is read often, kept in the process while word of its changes arrives.

use std::{sync::Arc, time::Duration};

use caches::{
    CacheLimits, CachedAiProfileStore, CachedChannelStore, CachedCredentialStore, CachedFlagStore,
    CachedPromptStore, CachedTenantStore,
};
use cheetah_redis::RedisSettings;
use tenancy::{Invalidations, SecretText};

use super::{Ports, StorePorts};

/// How long an answer is kept where changes are seen in the database itself, and none can be missed.
const SEEN_IN_DATABASE: Duration = Duration::from_secs(600);

impl Ports {
    /// Shares counts and word of changes through Redis where there is one, and keeps what is read often.
    ///
    /// # Errors
    /// When the URL is none that Redis can be reached by.
    pub(super) fn shared(self, redis: Option<&SecretText>) -> anyhow::Result<Self> {
        match redis {
            Some(url) => {
                let settings = RedisSettings::new(url.expose(), &self.stores.name);
                self.share_through_redis(settings)
            }
            None => Ok(Self { stores: self.stores.kept(), ..self }),
        }
    }
}

impl StorePorts {
    /// Keeps what is read often where the database itself tells of changes. Not together with [`StorePorts::cached`]: of two
    /// caches the inner one may hear later, and the outer one would keep what it answers.
    ///
    /// Prompts are read anew each time. In a file that takes microseconds, and those of ten thousand tenants would not fit.
    #[must_use]
    pub fn kept(self) -> Self {
        let limits = CacheLimits { known_for: SEEN_IN_DATABASE, ..CacheLimits::default() };
        match self.changes.clone() {
            Some(changes) => self.with_small_ones_cached(&changes, limits),
            None => self,
        }
    }

    /// Keeps what is read often, prompts too, while Redis tells of changes.
    #[must_use]
    pub fn cached(self, changes: &Arc<dyn Invalidations>) -> Self {
        let limits = CacheLimits::default();
        // Prompts are long, so fewer of them are kept.
        let of_prompts = CacheLimits { entries: 1_000, ..limits };
        let stores = self.with_small_ones_cached(changes, limits);
        Self {
            prompts: Arc::new(CachedPromptStore::new(stores.prompts, changes, of_prompts)),
            ai_profiles: Arc::new(CachedAiProfileStore::new(stores.ai_profiles, changes, of_prompts)),
            ..stores
        }
    }

    fn with_small_ones_cached(self, changes: &Arc<dyn Invalidations>, limits: CacheLimits) -> Self {
        Self {
            tenants: Arc::new(CachedTenantStore::new(self.tenants, changes, limits)),
            channels: Arc::new(CachedChannelStore::new(self.channels, changes, limits)),
            credentials: Arc::new(CachedCredentialStore::new(self.credentials, changes, limits)),
            flags: Arc::new(CachedFlagStore::new(self.flags, changes, limits)),
            ..self
        }
    }
}
