//! Storing and removing a tenant's credentials at a carrier.

use std::sync::Arc;

use kernel::{
    ProviderAccountId, TenantId,
    testing::{CountingIds, ManualClock},
};
use tenancy::{
    ManageProviderAccounts, Provider, ProviderAccount, SecretText, TenancyError, TenantScope,
    testing::{MemoryProviderAccountStore, scope},
};
use uuid::Uuid;

const SID: &str = "AC0123456789abcdef0123456789abcdef";

fn manage() -> ManageProviderAccounts {
    let clock = Arc::new(ManualClock::default());
    let store = Arc::new(MemoryProviderAccountStore::default());
    ManageProviderAccounts::new(store, clock, Arc::new(CountingIds::default()))
}

fn tenant(number: u128) -> TenantScope {
    scope(TenantId::new(Uuid::from_u128(number)))
}

async fn add(
    manage: &ManageProviderAccounts,
    scope: &TenantScope,
    (sid, token): (&str, &str),
) -> Result<ProviderAccount, TenancyError> {
    manage.add(scope, Provider::Twilio, sid, SecretText::new(token)).await
}

#[tokio::test]
async fn an_account_is_kept_with_its_token_and_debug_output_hides_it() {
    let manage = manage();
    let added = add(&manage, &tenant(1), (SID, "the-auth-token")).await.unwrap();
    assert_eq!(added.auth_token.expose(), "the-auth-token");
    assert!(!format!("{added:?}").contains("the-auth-token"));
    assert_eq!(manage.list(&tenant(1)).await.unwrap(), [added]);
    assert_eq!(manage.list(&tenant(2)).await.unwrap(), []);
}

#[tokio::test]
async fn an_account_that_any_tenant_has_is_taken() {
    let manage = manage();
    add(&manage, &tenant(1), (SID, "token")).await.unwrap();
    for scope in [tenant(1), tenant(2)] {
        let outcome = add(&manage, &scope, (SID, "other")).await;
        assert!(matches!(outcome, Err(TenancyError::Taken { what: "provider account" })), "{outcome:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_an_account_is_refused() {
    let manage = manage();
    let long = "x".repeat(65);
    for sid in ["", "AC 01", "AC/../01", "AC\n01", "ACé", &long] {
        let outcome = add(&manage, &tenant(1), (sid, "token")).await;
        assert!(matches!(outcome, Err(TenancyError::Invalid { field: "account_sid", .. })), "{sid}");
    }
    for token in ["", "to ken", "token\r\n", &long] {
        let outcome = add(&manage, &tenant(1), (SID, token)).await;
        assert!(matches!(outcome, Err(TenancyError::Invalid { field: "auth_token", .. })), "{token}");
    }
    let outcome = manage.add(&tenant(1), Provider::BuiltIn, SID, SecretText::new("token")).await;
    assert!(matches!(outcome, Err(TenancyError::Invalid { field: "provider", .. })), "{outcome:?}");
    assert_eq!(manage.list(&tenant(1)).await.unwrap(), []);
}

#[tokio::test]
async fn a_refused_token_is_not_repeated() {
    let outcome = add(&manage(), &tenant(1), (SID, "secret words")).await;
    assert!(!format!("{outcome:?}").contains("secret words"));
}

#[tokio::test]
async fn a_removed_account_is_gone_and_may_be_added_again() {
    let manage = manage();
    let id = add(&manage, &tenant(1), (SID, "token")).await.unwrap().id;
    manage.remove(&tenant(1), id).await.unwrap();
    assert_eq!(manage.list(&tenant(1)).await.unwrap(), []);
    assert!(add(&manage, &tenant(2), (SID, "token")).await.is_ok());
}

#[tokio::test]
async fn another_tenants_account_is_not_found_as_one_that_never_was() {
    let manage = manage();
    let added = add(&manage, &tenant(1), (SID, "token")).await.unwrap();
    for id in [added.id, ProviderAccountId::new(Uuid::from_u128(99))] {
        let outcome = manage.remove(&tenant(2), id).await;
        assert!(matches!(outcome, Err(TenancyError::NotFound { what: "provider account" })), "{outcome:?}");
    }
    assert_eq!(manage.list(&tenant(1)).await.unwrap(), [added]);
}
