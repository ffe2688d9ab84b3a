//! A cache in the process, for the answers of one question to a store.

mod entries;
mod flights;

use std::{future::Future, hash::Hash, sync::Arc, time::Duration};

use kernel::{StoreError, TenantId};
use tenancy::{Changed, Forgetful, Invalidations};

use self::{
    entries::{Entries, Kept},
    flights::Flights,
};
/// How much a cache holds and for how long.
#[derive(Clone, Copy, Debug)]
pub struct CacheLimits {
    /// The most answers. They are spread over parts of equal size, some of which are full before all of it is.
    pub entries: usize,
    /// How long an answer is kept. It bounds how old one can be when nobody was told of its change: the process
    /// that made it died before it could, or no longer reaches what carries word while this one does. A key that was revoked in
    /// such a moment is good for so long.
    pub known_for: Duration,
    /// How long is kept that there is no such thing.
    pub unknown_for: Duration,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self { entries: 20_000, known_for: Duration::from_secs(5), unknown_for: Duration::from_secs(1) }
    }
}

/// Keeps a store's answers to one question while word of changes is known to arrive; otherwise every question goes
/// to the store.
///
/// A decorator of a store has one for each question worth it, reads through [`Cache::read`], and wraps each of
/// the store's changes in [`Cache::change`].
pub struct Cache<K, V> {
    invalidations: Arc<dyn Invalidations>,
    family: &'static str,
    entries: Arc<Entries<K, V>>,
    flights: Flights<K>,
}

impl<K, V> Cache<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Makes an empty cache. Caches of one family forget together; `owner` tells whose an answer is.
    pub fn new(
        invalidations: &Arc<dyn Invalidations>,
        family: &'static str,
        owner: fn(&V) -> TenantId,
        limits: CacheLimits,
    ) -> Self {
        let entries = Arc::new(Entries::new(family, owner, limits));
        let weak = Arc::downgrade(&entries);
        invalidations.register(weak);
        Self { invalidations: Arc::clone(invalidations), family, entries, flights: Flights::default() }
    }

    /// Returns what is kept, or else what `load` brings. Of many who miss the same answer, one loads it and the
    /// others wait for it.
    ///
    /// # Errors
    /// When `load` fails. Failures are not kept.
    pub async fn read(
        &self,
        key: &K,
        load: impl Future<Output = Result<Option<V>, StoreError>>,
    ) -> Result<Option<V>, StoreError> {
        if !self.invalidations.is_heard() {
            return load.await;
        }
        if let Some(Kept(answer)) = self.entries.find(key) {
            return Ok(answer);
        }
        let _landing = match self.flights.join(key) {
            Ok(landing) => Some(landing),
            Err(under_way) => {
                under_way.landed().await;
                if let Some(Kept(answer)) = self.kept(key) {
                    return Ok(answer);
                }
                // It brought nothing to keep. Whoever waited asks for himself: waiting in turn would take too long.
                None
            }
        };
        let epoch = self.entries.epoch();
        let answer = load.await?;
        if self.invalidations.is_heard() {
            self.entries.insert(key, answer.clone(), epoch);
        }
        Ok(answer)
    }

    /// Announces a change of what is a tenant's. Call it before changing the store, and keep it until the store has
    /// answered, whatever the answer: a change may have happened although it failed.
    #[must_use = "dropping it says that the store has answered"]
    pub fn change(&self, tenant: TenantId) -> Change<'_> {
        let what = Changed::OfTenant(self.family, tenant);
        Change { invalidations: &*self.invalidations, what }
    }

    /// Announces a change of what is part of every tenant's answers, as [`change`](Cache::change) does. Such changes are
    /// rare, so every cache of every family forgets all it holds.
    #[must_use = "dropping it says that the store has answered"]
    pub fn change_for_everybody(&self) -> Change<'_> {
        Change { invalidations: &*self.invalidations, what: Changed::Everything }
    }

    fn kept(&self, key: &K) -> Option<Kept<V>> {
        self.entries.find(key).filter(|_| self.invalidations.is_heard())
    }
}

/// A change that is under way. When it is dropped, everybody is told to forget what it changed: also when whoever
/// made the change is cancelled.
pub struct Change<'a> {
    invalidations: &'a dyn Invalidations,
    what: Changed,
}

impl Change<'_> {
    /// Ends the change: forgets here, and waits a short while until the others were told.
    pub async fn done(self) {
        let invalidations = self.invalidations;
        drop(self);
        invalidations.told().await;
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.invalidations.changed(self.what);
    }
}

impl<K, V> Forgetful for Entries<K, V>
where
    K: Clone + Eq + Hash + Send + Sync,
    V: Clone + Send + Sync,
{
    fn family(&self) -> &'static str {
        self.family()
    }

    fn forget(&self, tenant: TenantId) {
        self.forget(tenant);
    }

    fn forget_everything(&self) {
        self.forget_everything();
    }
}
