//! Carriers' credentials, in memory.

use async_trait::async_trait;
use kernel::{ProviderAccountId, StoreError};

use super::rows::Rows;
use crate::{PlatformScope, Provider, ProviderAccount, ProviderAccountStore, TenantScope};

/// Keeps carriers' credentials in memory.
#[derive(Debug, Default)]
pub struct MemoryProviderAccountStore(Rows<ProviderAccount>);

#[async_trait]
impl ProviderAccountStore for MemoryProviderAccountStore {
    async fn insert(&self, scope: &TenantScope, account: &ProviderAccount) -> Result<(), StoreError> {
        if account.tenant_id != scope.tenant_id() {
            return Err(StoreError::Conflict);
        }
        let is_same = |stored: &ProviderAccount| {
            let is_taken = stored.provider == account.provider && stored.account_sid == account.account_sid;
            is_taken || stored.id == account.id
        };
        let mut rows = self.0.lock();
        if rows.iter().any(is_same) {
            return Err(StoreError::Duplicate);
        }
        rows.push(account.clone());
        Ok(())
    }

    async fn list(&self, scope: &TenantScope) -> Result<Vec<ProviderAccount>, StoreError> {
        let is_ours = |account: &ProviderAccount| account.tenant_id == scope.tenant_id();
        Ok(self.0.list(is_ours, |account| (account.created_at, account.id)))
    }

    async fn delete(&self, scope: &TenantScope, id: ProviderAccountId) -> Result<bool, StoreError> {
        let mut rows = self.0.lock();
        let before = rows.len();
        rows.retain(|account| account.id != id || account.tenant_id != scope.tenant_id());
        Ok(rows.len() < before)
    }

    async fn find_by_sid(
        &self,
        _: &PlatformScope,
        provider: Provider,
        account_sid: &str,
    ) -> Result<Option<ProviderAccount>, StoreError> {
        Ok(self.0.find(|account| account.provider == provider && account.account_sid == account_sid))
    }
}
