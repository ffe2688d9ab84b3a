//! Storing and removing a tenant's credentials at a carrier.

use std::sync::Arc;

use kernel::{Clock, IdGenerator, ProviderAccountId, StoreError};

use crate::{Provider, ProviderAccount, ProviderAccountStore, SecretText, TenancyError, TenantScope};

/// Stores and removes a tenant's credentials at a carrier.
pub struct ManageProviderAccounts {
    store: Arc<dyn ProviderAccountStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ManageProviderAccounts {
    /// Makes the use case.
    pub fn new(
        store: Arc<dyn ProviderAccountStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        Self { store, clock, ids }
    }

    /// Stores an account, its token sealed.
    ///
    /// # Errors
    /// When a field is not usable, any tenant has the account already, or the store fails.
    pub async fn add(
        &self,
        scope: &TenantScope,
        provider: Provider,
        account_sid: &str,
        auth_token: SecretText,
    ) -> Result<ProviderAccount, TenancyError> {
        if provider != Provider::Twilio {
            return Err(TenancyError::Invalid { field: "provider", message: "use twilio".into() });
        }
        let printable =
            |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable(account_sid) || account_sid.contains('/') {
            let message = "give the AccountSid that the carrier's console shows, AC and 32 characters".into();
            return Err(TenancyError::Invalid { field: "account_sid", message });
        }
        if !printable(auth_token.expose()) {
            let message = "give the auth token that the carrier's console shows".into();
            return Err(TenancyError::Invalid { field: "auth_token", message });
        }
        let account = ProviderAccount {
            id: ProviderAccountId::new(self.ids.next()),
            tenant_id: scope.tenant_id(),
            provider,
            account_sid: account_sid.to_owned(),
            auth_token,
            created_at: self.clock.now(),
        };
        match self.store.insert(scope, &account).await {
            Ok(()) => Ok(account),
            Err(StoreError::Duplicate) => Err(TenancyError::Taken { what: "provider account" }),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the tenant's accounts, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, scope: &TenantScope) -> Result<Vec<ProviderAccount>, TenancyError> {
        Ok(self.store.list(scope).await?)
    }

    /// Removes an account; its webhooks are refused from then on.
    ///
    /// # Errors
    /// When the tenant has no such account, or the store fails.
    pub async fn remove(&self, scope: &TenantScope, id: ProviderAccountId) -> Result<(), TenancyError> {
        let found = self.store.delete(scope, id, self.clock.now()).await?;
        found.then_some(()).ok_or(TenancyError::NotFound { what: "provider account" })
    }
}
