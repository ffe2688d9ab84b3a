//! What a cache holds: bounded, for a while, and never something that was read before a change it has heard of.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use kernel::TenantId;
use tokio::time::Instant;

use super::CacheLimits;

/// So many locks, so that readers seldom meet.
const SHARDS: usize = 16;

type Shard<K, V> = HashMap<K, Entry<V>>;

/// The entries of one cache.
pub(super) struct Entries<K, V> {
    family: &'static str,
    owner: fn(&V) -> TenantId,
    limits: CacheLimits,
    hasher: RandomState,
    shards: [Mutex<Shard<K, V>>; SHARDS],
    /// Counts what was forgotten. An answer is kept only if nothing was forgotten since before it was read: it may be
    /// the very one that had just been changed.
    epoch: AtomicU64,
}

/// A kept answer; `None` in it says that there is no such thing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kept<V>(pub(super) Option<V>);

struct Entry<V> {
    value: Option<V>,
    until: Instant,
}

impl<K: Clone + Eq + Hash, V: Clone> Entries<K, V> {
    /// Makes it empty.
    pub(super) fn new(family: &'static str, owner: fn(&V) -> TenantId, limits: CacheLimits) -> Self {
        Self {
            family,
            owner,
            limits,
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
            epoch: AtomicU64::new(0),
        }
    }

    /// Returns the name of the stores that the entries are of.
    pub(super) fn family(&self) -> &'static str {
        self.family
    }

    /// Returns what is kept under a key.
    pub(super) fn find(&self, key: &K) -> Option<Kept<V>> {
        let now = Instant::now();
        let shard = self.shard(key)?.lock().unwrap_or_else(PoisonError::into_inner);
        shard.get(key).filter(|entry| now < entry.until).map(|entry| Kept(entry.value.clone()))
    }

    /// Returns the number to note before reading what may be inserted.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Keeps what was read since `epoch`, unless something was forgotten meanwhile or there is no room.
    pub(super) fn insert(&self, key: &K, value: Option<V>, epoch: u64) {
        let Some(shard) = self.shard(key) else { return };
        let now = Instant::now();
        let known_for = if value.is_some() { self.limits.known_for } else { self.limits.unknown_for };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: whoever forgets counts first and then takes each lock, so it either sees this entry or is
        // seen here.
        if self.epoch() == epoch && self.make_room(&mut shard, key, value.is_some(), now) {
            shard.insert(key.clone(), Entry { value, until: now + known_for });
        }
    }

    /// Forgets what is a tenant's, and what was known not to exist: it may be the tenant's now.
    pub(super) fn forget(&self, tenant: TenantId) {
        self.keep_only(|value| value.as_ref().is_some_and(|value| (self.owner)(value) != tenant));
    }

    /// Forgets all.
    pub(super) fn forget_everything(&self) {
        self.keep_only(|_| false);
    }

    fn keep_only(&self, is_kept: impl Fn(&Option<V>) -> bool) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.retain(|_, entry| is_kept(&entry.value));
        }
    }

    /// Sees to it that one more fits; `false` when it does not. What does not exist gives way to what does, so that
    /// whoever asks for many things that do not exist drives out nothing.
    fn make_room(&self, shard: &mut Shard<K, V>, key: &K, exists: bool, now: Instant) -> bool {
        let most = self.limits.entries.div_ceil(SHARDS);
        if shard.len() < most || shard.contains_key(key) {
            return true;
        }
        shard.retain(|_, entry| now < entry.until);
        if shard.len() >= most && exists {
            shard.retain(|_, entry| entry.value.is_some());
            let any = shard.keys().next().filter(|_| shard.len() >= most).cloned();
            any.and_then(|any| shard.remove(&any));
        }
        shard.len() < most
    }

    fn shard(&self, key: &K) -> Option<&Mutex<Shard<K, V>>> {
        let hash = usize::try_from(self.hasher.hash_one(key) >> 32).unwrap_or_default();
        self.shards.get(hash % SHARDS)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;

    fn tenant(number: u128) -> TenantId {
        TenantId::new(Uuid::from_u128(number))
    }

    fn entries(most: usize) -> Entries<u32, TenantId> {
        Entries::new("tests", |owner| *owner, CacheLimits { entries: most, ..CacheLimits::default() })
    }

    fn kept(entries: &Entries<u32, TenantId>, existing: bool) -> usize {
        (0..10_000).filter(|key| entries.find(key).is_some_and(|kept| kept.0.is_some() == existing)).count()
    }

    #[tokio::test(start_paused = true)]
    async fn what_exists_is_kept_for_five_seconds_and_what_does_not_for_one() {
        let entries = entries(100);
        entries.insert(&1, Some(tenant(1)), entries.epoch());
        entries.insert(&2, None, entries.epoch());
        tokio::time::advance(Duration::from_millis(999)).await;
        assert_eq!(entries.find(&2), Some(Kept(None)));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(entries.find(&2), None);
        tokio::time::advance(Duration::from_millis(3_999)).await;
        assert_eq!(entries.find(&1), Some(Kept(Some(tenant(1)))));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(entries.find(&1), None);
    }

    #[tokio::test]
    async fn a_change_forgets_its_tenants_and_what_did_not_exist() {
        let entries = entries(100);
        entries.insert(&1, Some(tenant(1)), entries.epoch());
        entries.insert(&2, Some(tenant(2)), entries.epoch());
        entries.insert(&3, None, entries.epoch());
        entries.forget(tenant(1));
        assert_eq!([1, 2, 3].map(|key| entries.find(&key)), [None, Some(Kept(Some(tenant(2)))), None]);
    }

    #[tokio::test]
    async fn what_was_read_before_a_change_is_not_kept_after_it() {
        let entries = entries(100);
        let epoch = entries.epoch();
        entries.forget(tenant(1));
        entries.insert(&1, Some(tenant(1)), epoch);
        assert_eq!(entries.find(&1), None);
    }

    #[tokio::test]
    async fn it_is_bounded_and_what_does_not_exist_drives_out_nothing() {
        let entries = entries(160);
        let epoch = entries.epoch();
        for key in 0..5_000 {
            entries.insert(&key, Some(tenant(1)), epoch);
        }
        assert_eq!(kept(&entries, true), 160);
        for key in 5_000..10_000 {
            entries.insert(&key, None, epoch);
        }
        assert_eq!((kept(&entries, true), kept(&entries, false)), (160, 0));
    }

    #[tokio::test]
    async fn what_exists_drives_out_what_does_not() {
        let entries = entries(160);
        let epoch = entries.epoch();
        for key in 0..5_000 {
            entries.insert(&key, None, epoch);
        }
        assert_eq!(kept(&entries, false), 160);
        for key in 5_000..10_000 {
            entries.insert(&key, Some(tenant(1)), epoch);
        }
        assert_eq!((kept(&entries, true), kept(&entries, false)), (160, 0));
    }
}
