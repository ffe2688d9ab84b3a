//! The promises of the ports, kept with a Redis and without.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use caches::{
    CacheLimits, CachedAiProfileStore, CachedChannelStore, CachedCredentialStore, CachedFlagStore,
    CachedPromptStore, CachedTenantStore,
};
use cheetah_redis::{RedisClient, RedisCoolDown, RedisInvalidations, RedisThrottle};
use kernel::Timestamp;
use limits::{
    CoolDown, Quota, Throttle, ThrottleKey, Verdict,
    testing::{MemoryCoolDown, MemoryThrottle},
};
use prompt::testing::PromptStores;
use tenancy::testing::TenancyStores;
use uuid::Uuid;

use crate::support::{self, RedisServer, TIMING, absent, running};

/// What is tested, with what must live as long.
struct With<T>(T, #[expect(dead_code, reason = "dropping it would end the server")] RedisServer);

#[async_trait]
impl<T: Throttle> Throttle for With<T> {
    async fn take(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Verdict {
        self.0.take(key, quota, now).await
    }

    async fn give_back(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) {
        self.0.give_back(key, quota, now).await;
    }

    async fn look(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Verdict {
        self.0.look(key, quota, now).await
    }
}

#[async_trait]
impl<T: CoolDown> CoolDown for With<T> {
    async fn begin_attempt(&self, subject: &ThrottleKey, now: Timestamp) -> Verdict {
        self.0.begin_attempt(subject, now).await
    }

    async fn succeeded(&self, subject: &ThrottleKey, now: Timestamp) {
        self.0.succeeded(subject, now).await;
    }

    async fn has_succeeded(&self, subject: &ThrottleKey, now: Timestamp) -> bool {
        self.0.has_succeeded(subject, now).await
    }

    async fn withdrawn(&self, subject: &ThrottleKey) {
        self.0.withdrawn(subject).await;
    }
}

/// More patient than others, so that every call of a contract is counted in Redis, however busy the machine is.
fn patient(server: &RedisServer) -> Arc<RedisClient> {
    let mut settings = support::settings(server.url());
    settings.command_timeout = Duration::from_secs(20);
    RedisClient::new(settings).unwrap()
}

/// Lets everything through, so that what Redis says is seen alone.
struct Open;

#[async_trait]
impl Throttle for Open {
    async fn take(&self, _: &ThrottleKey, _: &Quota, _: Timestamp) -> Verdict {
        Verdict::Allowed
    }

    async fn give_back(&self, _: &ThrottleKey, _: &Quota, _: Timestamp) {}

    async fn look(&self, _: &ThrottleKey, _: &Quota, _: Timestamp) -> Verdict {
        Verdict::Allowed
    }
}

#[async_trait]
impl CoolDown for Open {
    async fn begin_attempt(&self, _: &ThrottleKey, _: Timestamp) -> Verdict {
        Verdict::Allowed
    }

    async fn succeeded(&self, _: &ThrottleKey, _: Timestamp) {}

    async fn has_succeeded(&self, _: &ThrottleKey, _: Timestamp) -> bool {
        false
    }

    async fn withdrawn(&self, _: &ThrottleKey) {}
}

fn throttle(server: RedisServer, local: Arc<dyn Throttle>) -> With<RedisThrottle> {
    With(RedisThrottle::new(&patient(&server), local), server)
}

fn cool_down(server: RedisServer, local: Arc<dyn CoolDown>) -> With<RedisCoolDown> {
    With(RedisCoolDown::new(&patient(&server), local), server)
}

async fn stores(server: RedisServer, is_there: bool) -> TenancyStores {
    let invalidations = RedisInvalidations::start(&patient(&server), Uuid::from_u128(1), TIMING);
    if is_there {
        support::heard(&invalidations).await;
    }
    let inner = TenancyStores::memory();
    let limits = CacheLimits::default();
    TenancyStores {
        tenants: Arc::new(CachedTenantStore::new(inner.tenants, &invalidations, limits)),
        credentials: Arc::new(CachedCredentialStore::new(inner.credentials, &invalidations, limits)),
        channels: Arc::new(CachedChannelStore::new(inner.channels, &invalidations, limits)),
        flags: Arc::new(CachedFlagStore::new(inner.flags, &invalidations, limits)),
        keep: Box::new((server, invalidations)),
        ..inner
    }
}

async fn prompts(server: RedisServer, is_there: bool) -> PromptStores {
    let invalidations = RedisInvalidations::start(&patient(&server), Uuid::from_u128(1), TIMING);
    if is_there {
        support::heard(&invalidations).await;
    }
    let inner = PromptStores::memory();
    let limits = CacheLimits::default();
    PromptStores {
        prompts: Arc::new(CachedPromptStore::new(inner.prompts, &invalidations, limits)),
        profiles: Arc::new(CachedAiProfileStore::new(inner.profiles, &invalidations, limits)),
        keep: Box::new((server, invalidations)),
        ..inner
    }
}

mod redis_alone_counts_calls {
    use super::*;
    limits::throttle_contract!(throttle(running(), Arc::new(Open)));
}

mod redis_and_process_count_calls {
    use super::*;
    limits::throttle_contract!(throttle(running(), Arc::new(MemoryThrottle::default())));
}

mod without_redis_the_process_counts_calls {
    use super::*;
    limits::throttle_contract!(throttle(absent(), Arc::new(MemoryThrottle::default())));
}

mod redis_alone_counts_attempts {
    use super::*;
    limits::cool_down_contract!(cool_down(running(), Arc::new(Open)));
}

mod redis_and_process_count_attempts {
    use super::*;
    limits::cool_down_contract!(cool_down(running(), Arc::new(MemoryCoolDown::default())));
}

mod without_redis_the_process_counts_attempts {
    use super::*;
    limits::cool_down_contract!(cool_down(absent(), Arc::new(MemoryCoolDown::default())));
}

mod cached {
    use super::*;
    tenancy::tenant_store_contract!(stores(running(), true).await);
    tenancy::credential_store_contract!(stores(running(), true).await);
    tenancy::channel_store_contract!(stores(running(), true).await);
    tenancy::flag_store_contract!(stores(running(), true).await);
}

mod without_redis {
    use super::*;
    tenancy::tenant_store_contract!(stores(absent(), false).await);
    tenancy::credential_store_contract!(stores(absent(), false).await);
    tenancy::channel_store_contract!(stores(absent(), false).await);
    tenancy::flag_store_contract!(stores(absent(), false).await);
}

mod cached_prompts {
    use super::*;
    prompt::prompt_store_contract!(prompts(running(), true).await);
}

mod cached_profiles {
    use super::*;
    prompt::ai_profile_store_contract!(prompts(running(), true).await);
}

mod prompts_without_redis {
    use super::*;
    prompt::prompt_store_contract!(prompts(absent(), false).await);
}

mod profiles_without_redis {
    use super::*;
    prompt::ai_profile_store_contract!(prompts(absent(), false).await);
}
