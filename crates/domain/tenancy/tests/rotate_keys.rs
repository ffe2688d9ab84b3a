//! Wrapping keys anew while others make new ones, and going on after being stopped.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use kernel::{StoreError, TenantId};
use tenancy::{
    KeyCount, KeyRotation, PlatformScope, RewrappedKey, RotateKeys, TenancyError, VaultError, WrappedKey,
    WrappedKeyStore,
    testing::{MemoryWrappedKeyStore, PlainWrapper, platform},
};
use uuid::Uuid;

const BOTH: PlainWrapper = PlainWrapper { newest: 2, oldest: 1 };

fn owner(number: u128) -> TenantId {
    TenantId::new(Uuid::from_u128(number))
}

/// Keys of the platform and of tenants, wrapped by version 1.
fn keys(count: u128) -> Arc<MemoryWrappedKeyStore> {
    let store = Arc::new(MemoryWrappedKeyStore::default());
    for number in 0..count {
        store.put(owner(number), PlainWrapper::wrapped(owner(number), 1));
    }
    store
}

fn over(store: &Arc<MemoryWrappedKeyStore>) -> RotateKeys {
    RotateKeys::new(Arc::<MemoryWrappedKeyStore>::clone(store), Arc::new(BOTH))
}

async fn rotate(keys: &RotateKeys) -> KeyRotation {
    keys.rotate(&platform(), &mut |_| ()).await.unwrap()
}

async fn counts(keys: &RotateKeys) -> Vec<(i32, u64)> {
    let status = keys.status(&platform()).await.unwrap();
    assert_eq!(status.newest, 2);
    status.counts.iter().map(|count| (count.version, count.keys)).collect()
}

#[tokio::test]
async fn every_key_that_an_older_version_wraps_is_wrapped_by_the_newest_in_batches() {
    let store = keys(450);
    store.put(owner(7), PlainWrapper::wrapped(owner(7), 2));
    let rotate = over(&store);
    let mut told = Vec::new();
    let done = rotate.rotate(&platform(), &mut |done| told.push(done)).await.unwrap();
    assert_eq!((done.rewrapped, done.unopened.len()), (449, 0));
    assert_eq!(told, [200, 400, 449]);
    assert_eq!(counts(&rotate).await, [(2, 450)]);
    for number in 0..450 {
        assert_eq!(store.find(owner(number)), Some(PlainWrapper::wrapped(owner(number), 2)));
    }
}

#[tokio::test]
async fn a_second_rotation_finds_nothing_to_do() {
    let rotate_keys = over(&keys(3));
    assert_eq!(rotate(&rotate_keys).await.rewrapped, 3);
    assert_eq!(rotate(&rotate_keys).await.rewrapped, 0);
}

#[tokio::test]
async fn keys_that_are_made_behind_it_with_the_old_version_are_found_by_a_last_look() {
    let store = keys(0);
    for number in 100..600 {
        store.put(owner(number), PlainWrapper::wrapped(owner(number), 1));
    }
    let rotate = over(&store);
    let mut is_first = true;
    let mut interfere = |_| {
        if std::mem::take(&mut is_first) {
            // Before all that are left, so that the pass at hand does not meet it.
            store.put(owner(1), PlainWrapper::wrapped(owner(1), 1));
        }
    };
    let done = rotate.rotate(&platform(), &mut interfere).await.unwrap();
    assert_eq!(done.rewrapped, 501);
    assert_eq!(counts(&rotate).await, [(2, 501)]);
}

#[tokio::test]
async fn it_ends_even_if_somebody_goes_on_making_keys_with_the_old_version() {
    let store = keys(2);
    let rotate = over(&store);
    let mut make_another = |_| store.put(owner(0), PlainWrapper::wrapped(owner(0), 1));
    rotate.rotate(&platform(), &mut make_another).await.unwrap();
    assert_eq!(counts(&rotate).await, [(1, 1), (2, 1)]);
    assert_eq!(rotate.status(&platform()).await.unwrap().outstanding(), 1);
}

#[tokio::test]
async fn keys_that_do_not_open_are_named_and_left_and_hold_back_no_other() {
    let store = keys(300);
    let altered = WrappedKey { kek_version: 1, bytes: b"altered".to_vec() };
    store.put(owner(5), altered.clone());
    store.put(owner(250), PlainWrapper::wrapped(owner(250), 0));
    let rotate_keys = over(&store);
    let done = rotate(&rotate_keys).await;
    assert_eq!(done.rewrapped, 298);
    let [first, second] = done.unopened.as_slice() else { panic!("{:?}", done.unopened) };
    assert_eq!((first.owner, first.version), (owner(5), 1));
    assert!(matches!(first.error, VaultError::DoesNotOpen), "{:?}", first.error);
    assert_eq!((second.owner, second.version), (owner(250), 0));
    assert!(matches!(second.error, VaultError::UnknownKeyVersion(0)), "{:?}", second.error);
    assert_eq!(store.find(owner(5)), Some(altered));
    assert_eq!(counts(&rotate_keys).await, [(0, 1), (1, 1), (2, 298)]);
}

#[tokio::test]
async fn a_rehearsal_counts_and_names_and_changes_nothing() {
    let store = keys(300);
    store.put(owner(5), WrappedKey { kek_version: 1, bytes: b"altered".to_vec() });
    let rotate = over(&store);
    let would = rotate.rehearse(&platform()).await.unwrap();
    assert_eq!((would.rewrapped, would.unopened.len()), (299, 1));
    assert_eq!(counts(&rotate).await, [(1, 300)]);
}

#[tokio::test]
async fn two_at_once_wrap_every_key_once_between_them() {
    let store = keys(1_000);
    let (one, other) = (over(&store), over(&store));
    let (first, second) = tokio::join!(rotate(&one), rotate(&other));
    assert_eq!(first.rewrapped + second.rewrapped, 1_000);
    assert_eq!(counts(&one).await, [(2, 1_000)]);
}

#[tokio::test]
async fn what_was_stopped_in_the_middle_goes_on_where_it_was() {
    let store = keys(1_000);
    let failing = FailsAfter { store: Arc::clone(&store), writes: AtomicU32::new(2) };
    let stopped = RotateKeys::new(Arc::new(failing), Arc::new(BOTH));
    let outcome = stopped.rotate(&platform(), &mut |_| ()).await;
    assert!(matches!(outcome, Err(TenancyError::Store(_))), "{outcome:?}");
    let rotate_keys = over(&store);
    assert_eq!(counts(&rotate_keys).await, [(1, 600), (2, 400)]);
    assert_eq!(rotate(&rotate_keys).await.rewrapped, 600);
    assert_eq!(counts(&rotate_keys).await, [(2, 1_000)]);
}

#[tokio::test]
async fn a_program_that_lacks_the_newest_version_sees_that_it_does() {
    let store = keys(2);
    store.put(owner(1), PlainWrapper::wrapped(owner(1), 3));
    let rotate_keys = over(&store);
    assert_eq!(rotate(&rotate_keys).await.rewrapped, 1, "what a newer version wraps stays");
    let status = rotate_keys.status(&platform()).await.unwrap();
    assert_eq!(status.newer().collect::<Vec<_>>(), [&KeyCount { version: 3, keys: 1 }]);
    assert_eq!(status.outstanding(), 0);
}

/// Writes so many times, and then no more.
struct FailsAfter {
    store: Arc<MemoryWrappedKeyStore>,
    writes: AtomicU32,
}

#[async_trait]
impl WrappedKeyStore for FailsAfter {
    async fn count_by_version(&self, platform: &PlatformScope) -> Result<Vec<KeyCount>, StoreError> {
        self.store.count_by_version(platform).await
    }

    async fn list_older(
        &self,
        platform: &PlatformScope,
        than: i32,
        after: Option<TenantId>,
        limit: u16,
    ) -> Result<Vec<(TenantId, WrappedKey)>, StoreError> {
        self.store.list_older(platform, than, after, limit).await
    }

    async fn replace(&self, platform: &PlatformScope, changes: &[RewrappedKey]) -> Result<u64, StoreError> {
        if self.writes.load(Ordering::Relaxed) == 0 {
            return Err(StoreError::Unavailable("the disk is gone".into()));
        }
        self.writes.fetch_sub(1, Ordering::Relaxed);
        self.store.replace(platform, changes).await
    }
}
