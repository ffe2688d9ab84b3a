//! What a store of carriers' credentials must do.

use kernel::{ProviderAccountId, StoreError};

use super::samples::{at, id, tenant};
use crate::{
    Provider, ProviderAccount, SecretText, TenantScope,
    testing::{TenancyStores, platform},
};

pub async fn an_account_is_found_by_its_sid_as_it_was_written(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let written = insert(stores, &scope, 10, "AC01", 0).await;
    assert_eq!(by_sid(stores, "AC01").await, Some(written.clone()));
    assert_eq!(stores.accounts.list(&scope).await.unwrap(), [written]);
}

pub async fn an_unknown_sid_finds_no_account(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    insert(stores, &scope, 10, "AC01", 0).await;
    for sid in ["AC02", "ac01", "AC0", "AC01 ", ""] {
        assert_eq!(by_sid(stores, sid).await, None, "{sid}");
    }
    let elsewhere = stores.accounts.find_by_sid(&platform(), Provider::BuiltIn, "AC01").await.unwrap();
    assert_eq!(elsewhere, None);
}

pub async fn an_account_of_another_tenant_is_not_inserted(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let outcome = stores.accounts.insert(&ours, &account(&theirs, 10, "AC01", 0)).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(by_sid(stores, "AC01").await, None);
}

pub async fn an_account_is_taken_for_every_tenant(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let first = insert(stores, &ours, 10, "AC01", 0).await;
    for scope in [&ours, &theirs] {
        let outcome = stores.accounts.insert(scope, &account(scope, 11, "AC01", 5)).await;
        assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    }
    assert_eq!(by_sid(stores, "AC01").await, Some(first));
    assert_eq!(stores.accounts.list(&theirs).await.unwrap(), []);
}

pub async fn of_two_tenants_that_add_an_account_at_once_one_gets_it(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let our_account = account(&ours, 10, "AC01", 0);
    let their_account = account(&theirs, 11, "AC01", 0);
    let (one, other) = tokio::join!(
        stores.accounts.insert(&ours, &our_account),
        stores.accounts.insert(&theirs, &their_account)
    );
    let winner = match (one, other) {
        (Ok(()), Err(StoreError::Duplicate)) => our_account,
        (Err(StoreError::Duplicate), Ok(())) => their_account,
        outcome => panic!("{outcome:?}"),
    };
    assert_eq!(by_sid(stores, "AC01").await, Some(winner));
}

pub async fn an_accounts_id_that_exists_is_a_duplicate(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let first = insert(stores, &scope, 10, "AC01", 0).await;
    let outcome = stores.accounts.insert(&scope, &account(&scope, 10, "AC02", 5)).await;
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    assert_eq!(stores.accounts.list(&scope).await.unwrap(), [first]);
}

pub async fn accounts_are_listed_oldest_first(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let newest = insert(stores, &scope, 10, "AC01", 30).await;
    let later_id = insert(stores, &scope, 12, "AC02", 20).await;
    let earlier_id = insert(stores, &scope, 11, "AC03", 20).await;
    let oldest = insert(stores, &scope, 13, "AC04", 10).await;
    assert_eq!(stores.accounts.list(&scope).await.unwrap(), [oldest, earlier_id, later_id, newest]);
}

pub async fn accounts_of_another_tenant_are_not_listed(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    insert(stores, &theirs, 10, "AC01", 0).await;
    assert_eq!(stores.accounts.list(&ours).await.unwrap(), []);
}

pub async fn a_deleted_account_is_gone_and_free_for_another_tenant(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let first = insert(stores, &ours, 10, "AC01", 0).await;
    let other = insert(stores, &ours, 11, "AC02", 0).await;
    assert!(stores.accounts.delete(&ours, first.id, at(9)).await.unwrap());
    assert_eq!(by_sid(stores, "AC01").await, None);
    assert_eq!(stores.accounts.list(&ours).await.unwrap(), [other]);
    assert!(!stores.accounts.delete(&ours, first.id, at(9)).await.unwrap());
    let second = insert(stores, &theirs, 12, "AC01", 5).await;
    assert_eq!(by_sid(stores, "AC01").await, Some(second));
}

pub async fn an_unknown_account_is_not_deleted(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let kept = insert(stores, &scope, 10, "AC01", 0).await;
    assert!(!stores.accounts.delete(&scope, ProviderAccountId::new(id(99)), at(9)).await.unwrap());
    assert_eq!(stores.accounts.list(&scope).await.unwrap(), [kept]);
}

pub async fn an_account_of_another_tenant_is_not_deleted(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let foreign = insert(stores, &theirs, 10, "AC01", 0).await;
    assert!(!stores.accounts.delete(&ours, foreign.id, at(9)).await.unwrap());
    assert_eq!(by_sid(stores, "AC01").await, Some(foreign));
}

fn account(scope: &TenantScope, number: u32, sid: &str, seconds: i64) -> ProviderAccount {
    ProviderAccount {
        id: ProviderAccountId::new(id(number)),
        tenant_id: scope.tenant_id(),
        provider: Provider::Twilio,
        account_sid: sid.to_owned(),
        auth_token: SecretText::new(format!("token {number}")),
        created_at: at(seconds),
    }
}

pub(super) async fn insert(
    stores: &TenancyStores,
    scope: &TenantScope,
    number: u32,
    sid: &str,
    seconds: i64,
) -> ProviderAccount {
    let account = account(scope, number, sid, seconds);
    stores.accounts.insert(scope, &account).await.unwrap();
    account
}

async fn by_sid(stores: &TenancyStores, sid: &str) -> Option<ProviderAccount> {
    stores.accounts.find_by_sid(&platform(), Provider::Twilio, sid).await.unwrap()
}
