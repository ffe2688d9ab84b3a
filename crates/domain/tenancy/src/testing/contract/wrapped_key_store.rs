//! What a store of wrapped keys must do.

use kernel::TenantId;

use super::samples::{id, tenant_made_at};
use crate::{
    BusinessProfile, KeyCount, RewrappedKey, TenantStore, WrappedKey,
    testing::{WrappedKeys, platform},
};

/// A version that no case reaches.
const ANY: i32 = i32::MAX;

/// Writes the tenants whose keys the cases work on, not in the order of their ids.
pub(in crate::testing) async fn write_tenants(store: &dyn TenantStore) -> Vec<TenantId> {
    for number in [3, 1, 5, 2, 4] {
        let tenant = tenant_made_at(number, 0);
        store.insert(&platform(), &tenant, &BusinessProfile::default()).await.unwrap();
    }
    (1..=5).map(|number| TenantId::new(id(number))).collect()
}

pub async fn every_key_is_listed_once_by_rising_owner_in_pages_of_any_size(keys: &WrappedKeys) {
    for limit in [1, 2, 5, 6, 100] {
        let mut walked = Vec::new();
        let mut after = None;
        loop {
            let page = keys.store.list_older(&platform(), ANY, after, limit).await.unwrap();
            assert!(page.len() <= usize::from(limit), "a page of {} keys", page.len());
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            walked.extend(page.into_iter().map(|(owner, _)| owner));
            assert!(walked.len() < 100, "the pages do not end");
        }
        assert_eq!(walked, keys.owners, "{limit}");
    }
}

pub async fn a_replaced_key_is_read_as_it_was_written(keys: &WrappedKeys) {
    let before = all(keys).await;
    let owner = keys.owners[2];
    let new = WrappedKey { kek_version: 7, bytes: vec![0, 255, 7] };
    let change = RewrappedKey { owner, old: of(&before, owner), new: new.clone() };
    assert_eq!(keys.store.replace(&platform(), &[change]).await.unwrap(), 1);
    let after = all(keys).await;
    assert_eq!(of(&after, owner), new);
    for other in keys.owners.iter().filter(|other| **other != owner) {
        assert_eq!(of(&after, *other), of(&before, *other), "another owner's key was changed");
    }
}

pub async fn keys_of_the_version_that_is_asked_about_or_a_newer_one_are_not_listed(keys: &WrappedKeys) {
    for (owner, version) in [(0, 1), (1, 2), (2, 3), (3, 1), (4, 4), (5, 2)] {
        set(keys, keys.owners[owner], version).await;
    }
    let older = |than| async move {
        let found = keys.store.list_older(&platform(), than, None, 100).await.unwrap();
        let place = |owner| keys.owners.iter().position(|known| *known == owner).unwrap();
        found.into_iter().map(|(owner, _)| place(owner)).collect::<Vec<_>>()
    };
    assert_eq!(older(1).await, []);
    assert_eq!(older(2).await, [0, 3]);
    assert_eq!(older(3).await, [0, 1, 3, 5]);
    assert_eq!(older(5).await, [0, 1, 2, 3, 4, 5]);
}

pub async fn keys_are_counted_by_version_the_lowest_first(keys: &WrappedKeys) {
    for (owner, version) in [(0, 12), (1, 2), (2, 12), (3, 1), (4, 12), (5, 2)] {
        set(keys, keys.owners[owner], version).await;
    }
    let counted = keys.store.count_by_version(&platform()).await.unwrap();
    assert_eq!(
        counted,
        [
            KeyCount { version: 1, keys: 1 },
            KeyCount { version: 2, keys: 2 },
            KeyCount { version: 12, keys: 3 }
        ]
    );
}

pub async fn a_key_that_has_changed_since_it_was_read_stays_and_holds_back_no_other(keys: &WrappedKeys) {
    let before = all(keys).await;
    let change = |owner: TenantId, old: WrappedKey| {
        let new = WrappedKey { kek_version: 9, bytes: vec![9] };
        RewrappedKey { owner, old, new }
    };
    let (same_version, same_bytes, as_read) = (keys.owners[1], keys.owners[2], keys.owners[3]);
    let other_bytes = WrappedKey { bytes: vec![1], ..of(&before, same_version) };
    let other_version = WrappedKey { kek_version: 8, ..of(&before, same_bytes) };
    let changes = [
        change(same_version, other_bytes),
        change(same_bytes, other_version),
        change(as_read, of(&before, as_read)),
        change(TenantId::new(id(99)), of(&before, as_read)),
    ];
    assert_eq!(keys.store.replace(&platform(), &changes).await.unwrap(), 1);
    let after = all(keys).await;
    assert_eq!(of(&after, same_version), of(&before, same_version));
    assert_eq!(of(&after, same_bytes), of(&before, same_bytes));
    assert_eq!(of(&after, as_read).kek_version, 9);
    assert_eq!(after.len(), before.len(), "a key of nobody was made");
}

pub async fn of_two_that_replace_a_key_at_once_one_does(keys: &WrappedKeys) {
    let owner = keys.owners[0];
    let old = of(&all(keys).await, owner);
    let change = |byte: u8| {
        let new = WrappedKey { kek_version: 2, bytes: vec![byte] };
        [RewrappedKey { owner, old: old.clone(), new }]
    };
    let (scope, one, other) = (platform(), change(1), change(2));
    let (first, second) = tokio::join!(keys.store.replace(&scope, &one), keys.store.replace(&scope, &other));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first + second, 1, "{first} and {second}");
    let winner = if first == 1 { 1 } else { 2 };
    assert_eq!(of(&all(keys).await, owner).bytes, [winner]);
}

async fn all(keys: &WrappedKeys) -> Vec<(TenantId, WrappedKey)> {
    keys.store.list_older(&platform(), ANY, None, 100).await.unwrap()
}

fn of(keys: &[(TenantId, WrappedKey)], owner: TenantId) -> WrappedKey {
    keys.iter().find(|(known, _)| *known == owner).unwrap().1.clone()
}

async fn set(keys: &WrappedKeys, owner: TenantId, kek_version: i32) {
    let old = of(&all(keys).await, owner);
    let new = WrappedKey { kek_version, bytes: vec![1, 2, 3] };
    let changes = [RewrappedKey { owner, old, new }];
    assert_eq!(keys.store.replace(&platform(), &changes).await.unwrap(), 1);
}

/// Holds a [`WrappedKeyStore`](crate::WrappedKeyStore) to its port. The expression makes fresh
/// [`WrappedKeys`](crate::testing::WrappedKeys).
#[macro_export]
macro_rules! wrapped_key_store_contract {
    ($keys:expr) => {
        $crate::tenancy_contract_cases! { $keys, wrapped_key_store:
            every_key_is_listed_once_by_rising_owner_in_pages_of_any_size
            a_replaced_key_is_read_as_it_was_written
            keys_of_the_version_that_is_asked_about_or_a_newer_one_are_not_listed
            keys_are_counted_by_version_the_lowest_first
            a_key_that_has_changed_since_it_was_read_stays_and_holds_back_no_other
            of_two_that_replace_a_key_at_once_one_does
        }
    };
}
