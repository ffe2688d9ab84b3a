//! What a store of credentials must do with widget tokens.

use kernel::{StoreError, WidgetTokenId};

use super::{
    api_keys,
    samples::{at, id, tenant},
};
use crate::{
    SecretDigest, TenantScope, WidgetToken,
    testing::{TenancyStores, platform},
};

pub async fn a_widget_token_is_found_by_its_digest_as_it_was_written(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let written = insert(stores, &scope, 10, 0).await;
    assert_eq!(found(stores, &written).await, Some(written.clone()));
    let for_any_origin =
        WidgetToken { allowed_origins: vec![WidgetToken::ANY_ORIGIN.into()], ..token(&scope, 11, 1) };
    stores.credentials.insert_widget_token(&scope, &for_any_origin).await.unwrap();
    assert_eq!(stores.credentials.list_widget_tokens(&scope).await.unwrap(), [written, for_any_origin]);
}

pub async fn an_unknown_digest_finds_no_widget_token(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    insert(stores, &scope, 10, 0).await;
    assert_eq!(found(stores, &token(&scope, 11, 0)).await, None);
}

pub async fn a_widget_tokens_digest_that_exists_is_a_duplicate_in_every_tenant(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let first = insert(stores, &ours, 10, 0).await;
    for scope in [&ours, &theirs] {
        let second = WidgetToken { digest: first.digest.clone(), ..token(scope, 11, 5) };
        let outcome = stores.credentials.insert_widget_token(scope, &second).await;
        assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    }
    assert_eq!(found(stores, &first).await, Some(first));
}

pub async fn a_widget_tokens_id_that_exists_is_a_duplicate(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let first = insert(stores, &scope, 10, 0).await;
    let second = WidgetToken { id: first.id, ..token(&scope, 11, 5) };
    let outcome = stores.credentials.insert_widget_token(&scope, &second).await;
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    assert_eq!(stores.credentials.list_widget_tokens(&scope).await.unwrap(), [first]);
}

pub async fn a_widget_token_of_another_tenant_is_not_inserted(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let foreign = token(&theirs, 10, 0);
    let outcome = stores.credentials.insert_widget_token(&ours, &foreign).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(found(stores, &foreign).await, None);
}

pub async fn widget_tokens_are_listed_oldest_first_revoked_ones_too(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let newest = insert(stores, &scope, 10, 30).await;
    let later_id = insert(stores, &scope, 12, 20).await;
    let earlier_id = insert(stores, &scope, 11, 20).await;
    let oldest = insert(stores, &scope, 13, 10).await;
    assert!(stores.credentials.revoke_widget_token(&scope, oldest.id, at(99)).await.unwrap());
    let revoked = WidgetToken { revoked_at: Some(at(99)), ..oldest };
    let listed = stores.credentials.list_widget_tokens(&scope).await.unwrap();
    assert_eq!(listed, [revoked, earlier_id, later_id, newest]);
}

pub async fn widget_tokens_of_another_tenant_are_not_listed(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    insert(stores, &theirs, 10, 0).await;
    assert_eq!(stores.credentials.list_widget_tokens(&ours).await.unwrap(), []);
}

pub async fn revoking_a_widget_token_again_keeps_the_first_time(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let written = insert(stores, &scope, 10, 0).await;
    assert!(stores.credentials.revoke_widget_token(&scope, written.id, at(1)).await.unwrap());
    assert!(stores.credentials.revoke_widget_token(&scope, written.id, at(2)).await.unwrap());
    assert_eq!(found(stores, &written).await.unwrap().revoked_at, Some(at(1)));
}

pub async fn revoking_one_widget_token_leaves_the_others(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let one = insert(stores, &scope, 10, 0).await;
    let other = insert(stores, &scope, 11, 0).await;
    assert!(stores.credentials.revoke_widget_token(&scope, one.id, at(1)).await.unwrap());
    assert_eq!(found(stores, &other).await, Some(other));
}

pub async fn an_unknown_widget_token_is_not_revoked(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    insert(stores, &scope, 10, 0).await;
    assert!(
        !stores.credentials.revoke_widget_token(&scope, WidgetTokenId::new(id(99)), at(1)).await.unwrap()
    );
}

pub async fn a_widget_token_of_another_tenant_is_not_revoked(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let foreign = insert(stores, &theirs, 10, 0).await;
    assert!(!stores.credentials.revoke_widget_token(&ours, foreign.id, at(1)).await.unwrap());
    assert_eq!(found(stores, &foreign).await, Some(foreign));
}

pub async fn an_api_key_is_no_widget_token(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let key = api_keys::insert(stores, &scope, 10, 0).await;
    assert_eq!(stores.credentials.find_widget_token(&platform(), &key.digest).await.unwrap(), None);
    let token = insert(stores, &scope, 10, 0).await;
    assert_eq!(stores.credentials.find_api_key(&platform(), &token.digest).await.unwrap(), None);
}

fn token(scope: &TenantScope, number: u32, seconds: i64) -> WidgetToken {
    WidgetToken {
        id: WidgetTokenId::new(id(number)),
        tenant_id: scope.tenant_id(),
        name: format!("token {number} für die Website"),
        digest: SecretDigest::of(&format!("cc_widget_{number}")),
        allowed_origins: vec!["https://example.com".into(), "http://localhost:8080".into()],
        created_at: at(seconds),
        expires_at: number.is_multiple_of(2).then(|| at(1_000)),
        revoked_at: None,
    }
}

pub(super) async fn insert(
    stores: &TenancyStores,
    scope: &TenantScope,
    number: u32,
    seconds: i64,
) -> WidgetToken {
    let token = token(scope, number, seconds);
    stores.credentials.insert_widget_token(scope, &token).await.unwrap();
    token
}

async fn found(stores: &TenancyStores, token: &WidgetToken) -> Option<WidgetToken> {
    stores.credentials.find_widget_token(&platform(), &token.digest).await.unwrap()
}
