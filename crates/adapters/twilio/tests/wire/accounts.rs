//! Whose account a webhook is of.

use std::sync::Arc;

use async_trait::async_trait;
use cheetah_twilio::{
    Algorithm, SignatureError, SignedContent, SignedRequest, TwilioAccounts, VerifiedBy, VerifyError, sign,
};
use chrono::TimeDelta;
use kernel::{Clock as _, ProviderAccountId, StoreError, Timestamp, testing::ManualClock};
use reqwest::Url;
use tenancy::{
    PlatformScope, Provider, ProviderAccount, ProviderAccountStore, SecretText, TenantScope,
    testing::{MemoryProviderAccountStore, platform, scope},
};

use crate::fixture::{SID, TOKEN, own_account, platform_account, tenant};

const REQUEST: SignedRequest<'_> =
    SignedRequest { url: "https://answers.example/webhooks/twilio/sms", content: SignedContent::Get };
const TENANTS_SID: &str = "AC00000000000000000000000000000002";

/// The platform's account, and one of tenant 1 whose token is `tenant token`.
struct Office {
    accounts: TwilioAccounts,
    store: Arc<MemoryProviderAccountStore>,
    clock: Arc<ManualClock>,
}

impl Office {
    async fn open() -> Self {
        let store = Arc::new(MemoryProviderAccountStore::default());
        let own = own_account(tenant(1), TENANTS_SID, "tenant token");
        store.insert(&scope(tenant(1)), &own).await.unwrap();
        let clock = Arc::new(ManualClock::default());
        let accounts = choice(store.clone(), clock.clone());
        Self { accounts, store, clock }
    }

    async fn verify(&self, account_sid: &str, signed_with: &str) -> Result<VerifiedBy, VerifyError> {
        self.accounts.verify(account_sid, &REQUEST, &signature(signed_with)).await
    }

    async fn delete_account(&self) {
        let deleted = self
            .store
            .delete(&scope(tenant(1)), ProviderAccountId::new(tenant(1).uuid()), self.clock.now())
            .await;
        assert!(deleted.unwrap());
    }
}

fn choice(store: Arc<dyn ProviderAccountStore>, clock: Arc<ManualClock>) -> TwilioAccounts {
    let base = Url::parse("https://api.twilio.com").unwrap();
    TwilioAccounts::new(store, platform(), clock, base.clone(), vec![platform_account(&base)])
}

fn signature(token: &str) -> String {
    sign(&SecretText::new(token), Algorithm::Sha1, &REQUEST).unwrap()
}

#[tokio::test]
async fn a_webhook_of_a_tenants_account_is_that_tenants() {
    let office = Office::open().await;
    let verified = office.verify(TENANTS_SID, "tenant token").await.unwrap();
    assert_eq!(verified, VerifiedBy { tenant: Some(tenant(1)) });
}

#[tokio::test]
async fn a_webhook_of_the_platforms_account_is_nobodys_in_particular() {
    let office = Office::open().await;
    assert_eq!(office.verify(SID, TOKEN).await.unwrap(), VerifiedBy { tenant: None });
}

#[tokio::test]
async fn an_account_that_nobody_has_is_not_let_in() {
    let office = Office::open().await;
    let result = office.verify("AC00000000000000000000000000000009", "tenant token").await;
    assert!(matches!(result, Err(VerifyError::UnknownAccount)), "{result:?}");
}

#[tokio::test]
async fn one_accounts_token_does_not_sign_for_another() {
    let office = Office::open().await;
    for (claimed, token) in [(TENANTS_SID, TOKEN), (SID, "tenant token")] {
        let result = office.verify(claimed, token).await;
        assert!(matches!(result, Err(VerifyError::Signature(SignatureError::Mismatch))), "{result:?}");
    }
}

#[tokio::test]
async fn no_tenant_can_shadow_the_platforms_account() {
    let office = Office::open().await;
    office.store.insert(&scope(tenant(2)), &own_account(tenant(2), SID, "shadow")).await.unwrap();
    assert!(office.verify(SID, "shadow").await.is_err());
    assert_eq!(office.verify(SID, TOKEN).await.unwrap(), VerifiedBy { tenant: None });
}

#[tokio::test]
async fn a_token_that_was_replaced_counts_at_once() {
    let office = Office::open().await;
    office.verify(TENANTS_SID, "tenant token").await.unwrap();
    office.delete_account().await;
    office.store.insert(&scope(tenant(1)), &own_account(tenant(1), TENANTS_SID, "new token")).await.unwrap();
    office.verify(TENANTS_SID, "new token").await.unwrap();
    assert!(office.verify(TENANTS_SID, "tenant token").await.is_err());
}

#[tokio::test]
async fn a_deleted_account_is_not_let_in_once_it_is_forgotten() {
    let office = Office::open().await;
    office.verify(TENANTS_SID, "tenant token").await.unwrap();
    office.delete_account().await;
    office.accounts.forget(TENANTS_SID);
    let result = office.verify(TENANTS_SID, "tenant token").await;
    assert!(matches!(result, Err(VerifyError::UnknownAccount)), "{result:?}");
}

#[tokio::test]
async fn an_account_that_was_deleted_elsewhere_is_not_let_in_after_half_a_minute() {
    let office = Office::open().await;
    office.verify(TENANTS_SID, "tenant token").await.unwrap();
    office.delete_account().await;
    office.clock.advance(TimeDelta::seconds(30));
    let result = office.verify(TENANTS_SID, "tenant token").await;
    assert!(matches!(result, Err(VerifyError::UnknownAccount)), "{result:?}");
}

#[tokio::test]
async fn an_outage_of_the_store_is_not_a_wrong_signature() {
    let accounts = choice(Arc::new(BrokenStore), Arc::new(ManualClock::default()));
    let result = accounts.verify(TENANTS_SID, &REQUEST, &signature("tenant token")).await;
    assert!(matches!(result, Err(VerifyError::Store(StoreError::Unavailable(_)))), "{result:?}");
    assert!(accounts.verify(SID, &REQUEST, &signature(TOKEN)).await.is_ok());
}

/// A store that cannot be reached.
struct BrokenStore;

fn outage<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("gone".into()))
}

#[async_trait]
impl ProviderAccountStore for BrokenStore {
    async fn insert(&self, _: &TenantScope, _: &ProviderAccount) -> Result<(), StoreError> {
        outage()
    }

    async fn list(&self, _: &TenantScope) -> Result<Vec<ProviderAccount>, StoreError> {
        outage()
    }

    async fn delete(&self, _: &TenantScope, _: ProviderAccountId, _: Timestamp) -> Result<bool, StoreError> {
        outage()
    }

    async fn find_by_sid(
        &self,
        _: &PlatformScope,
        _: Provider,
        _: &str,
    ) -> Result<Option<ProviderAccount>, StoreError> {
        outage()
    }
}
