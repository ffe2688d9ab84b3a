//! What a store of credentials must do with API keys.

use kernel::{ApiKeyId, StoreError};

use super::samples::{at, id, tenant};
use crate::{
    ApiKey, KeyKind, Permission, SecretDigest, TenantScope,
    testing::{TenancyStores, platform},
};

pub async fn an_api_key_is_found_by_its_digest_as_it_was_written(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let written = insert(stores, &scope, 10, 0).await;
    assert_eq!(found(stores, &written).await, Some(written.clone()));
    assert_eq!(stores.credentials.list_api_keys(&scope).await.unwrap(), [written]);
}

pub async fn an_unknown_digest_finds_no_api_key(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    insert(stores, &scope, 10, 0).await;
    assert_eq!(found(stores, &key(&scope, 11, 0)).await, None);
}

pub async fn an_api_keys_digest_that_exists_is_a_duplicate_in_every_tenant(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let first = insert(stores, &ours, 10, 0).await;
    for scope in [&ours, &theirs] {
        let second = ApiKey { digest: first.digest.clone(), ..key(scope, 11, 5) };
        let outcome = stores.credentials.insert_api_key(scope, &second).await;
        assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    }
    assert_eq!(found(stores, &first).await, Some(first));
}

pub async fn an_api_keys_id_that_exists_is_a_duplicate(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let first = insert(stores, &scope, 10, 0).await;
    let second = ApiKey { id: first.id, ..key(&scope, 11, 5) };
    let outcome = stores.credentials.insert_api_key(&scope, &second).await;
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    assert_eq!(stores.credentials.list_api_keys(&scope).await.unwrap(), [first]);
}

pub async fn an_api_key_of_another_tenant_is_not_inserted(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let foreign = key(&theirs, 10, 0);
    let outcome = stores.credentials.insert_api_key(&ours, &foreign).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(found(stores, &foreign).await, None);
}

pub async fn api_keys_are_listed_oldest_first_revoked_ones_too(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let newest = insert(stores, &scope, 10, 30).await;
    let later_id = insert(stores, &scope, 12, 20).await;
    let earlier_id = insert(stores, &scope, 11, 20).await;
    let oldest = insert(stores, &scope, 13, 10).await;
    assert!(stores.credentials.revoke_api_key(&scope, oldest.id, at(99)).await.unwrap());
    let revoked = ApiKey { revoked_at: Some(at(99)), ..oldest };
    let listed = stores.credentials.list_api_keys(&scope).await.unwrap();
    assert_eq!(listed, [revoked, earlier_id, later_id, newest]);
}

pub async fn api_keys_of_another_tenant_are_not_listed(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    insert(stores, &theirs, 10, 0).await;
    assert_eq!(stores.credentials.list_api_keys(&ours).await.unwrap(), []);
}

pub async fn revoking_an_api_key_again_keeps_the_first_time(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let written = insert(stores, &scope, 10, 0).await;
    assert!(stores.credentials.revoke_api_key(&scope, written.id, at(1)).await.unwrap());
    assert!(stores.credentials.revoke_api_key(&scope, written.id, at(2)).await.unwrap());
    assert_eq!(found(stores, &written).await.unwrap().revoked_at, Some(at(1)));
}

pub async fn revoking_one_api_key_leaves_the_others(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let one = insert(stores, &scope, 10, 0).await;
    let other = insert(stores, &scope, 11, 0).await;
    assert!(stores.credentials.revoke_api_key(&scope, one.id, at(1)).await.unwrap());
    assert_eq!(found(stores, &other).await, Some(other));
}

pub async fn an_unknown_api_key_is_not_revoked(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    insert(stores, &scope, 10, 0).await;
    assert!(!stores.credentials.revoke_api_key(&scope, ApiKeyId::new(id(99)), at(1)).await.unwrap());
}

pub async fn an_api_key_of_another_tenant_is_not_revoked(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let foreign = insert(stores, &theirs, 10, 0).await;
    assert!(!stores.credentials.revoke_api_key(&ours, foreign.id, at(1)).await.unwrap());
    assert_eq!(found(stores, &foreign).await, Some(foreign));
}

pub async fn a_rotated_api_key_works_on_for_the_overlap_and_no_longer_than_it_would_have(
    stores: &TenancyStores,
) {
    let scope = tenant(stores, 1).await;
    // The first never expires, the second does at 1,000 seconds.
    for (number, until, expires_at) in [(10, 500, 500), (12, 500, 500), (15, 2_000, 1_000)] {
        let old = insert(stores, &scope, number, 0).await;
        let new = key(&scope, number + 100, 5);
        let rotated = stores.credentials.rotate_api_key(&scope, old.id, &new, at(until), at(5)).await;
        assert!(rotated.unwrap());
        assert_eq!(found(stores, &old).await.unwrap().expires_at, Some(at(expires_at)));
        assert_eq!(found(stores, &new).await, Some(new));
    }
}

pub async fn an_api_key_that_does_not_work_is_not_rotated(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let (revoked, expired) = (insert(stores, &ours, 10, 0).await, insert(stores, &ours, 12, 0).await);
    let foreign = insert(stores, &theirs, 14, 0).await;
    assert!(stores.credentials.revoke_api_key(&ours, revoked.id, at(1)).await.unwrap());
    let new = key(&ours, 16, 5);
    for id in [revoked.id, expired.id, foreign.id, ApiKeyId::new(id(99))] {
        let rotated = stores.credentials.rotate_api_key(&ours, id, &new, at(9_000), at(5_000)).await;
        assert!(!rotated.unwrap());
        assert_eq!(found(stores, &new).await, None);
    }
    assert_eq!(found(stores, &foreign).await, Some(foreign));
}

pub async fn an_api_key_is_rotated_once(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let old = insert(stores, &scope, 10, 0).await;
    let rotate =
        async |id, new: &ApiKey| stores.credentials.rotate_api_key(&scope, id, new, at(500), at(5)).await;
    let (second, third) = (key(&scope, 110, 5), key(&scope, 112, 6));
    assert!(rotate(old.id, &second).await.unwrap());
    let again = rotate(old.id, &third).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    assert_eq!(found(stores, &third).await, None);
    assert!(rotate(second.id, &third).await.unwrap());
}

pub async fn of_two_rotations_at_once_one_wins(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    for round in 0..5 {
        let old = insert(stores, &scope, 10 + round * 2, 0).await;
        let (one, other) = (key(&scope, 100 + round * 4, 5), key(&scope, 102 + round * 4, 5));
        let (left, right) = tokio::join!(
            stores.credentials.rotate_api_key(&scope, old.id, &one, at(500), at(5)),
            stores.credentials.rotate_api_key(&scope, old.id, &other, at(500), at(5))
        );
        assert!(left.is_ok() != right.is_ok(), "round {round}: {left:?} {right:?}");
    }
}

pub async fn a_rotation_to_a_digest_that_exists_changes_nothing(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let (old, other) = (insert(stores, &scope, 10, 0).await, insert(stores, &scope, 14, 0).await);
    let new = ApiKey { digest: other.digest, ..key(&scope, 16, 5) };
    let outcome = stores.credentials.rotate_api_key(&scope, old.id, &new, at(100), at(5)).await;
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    assert_eq!(found(stores, &old).await, Some(old));
}

fn key(scope: &TenantScope, number: u32, seconds: i64) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(id(number)),
        tenant_id: scope.tenant_id(),
        kind: if number.is_multiple_of(2) { KeyKind::Program } else { KeyKind::Owner },
        name: format!("key {number} für die Kasse"),
        digest: SecretDigest::of(&format!("cc_live_{number}")),
        scopes: [Permission::ConversationsRead, Permission::ConsentWrite].into_iter().collect(),
        created_at: at(seconds),
        expires_at: number.is_multiple_of(3).then(|| at(1_000)),
        revoked_at: None,
    }
}

pub(super) async fn insert(stores: &TenancyStores, scope: &TenantScope, number: u32, seconds: i64) -> ApiKey {
    let key = key(scope, number, seconds);
    stores.credentials.insert_api_key(scope, &key).await.unwrap();
    key
}

async fn found(stores: &TenancyStores, key: &ApiKey) -> Option<ApiKey> {
    stores.credentials.find_api_key(&platform(), &key.digest).await.unwrap()
}
