//! Carriers' credentials, in memory.

use async_trait::async_trait;
use kernel::{ProviderAccountId, StoreError, Timestamp};

use super::{MemoryAuditLog, rows::Rows};
use crate::{AuditAction, PlatformScope, Provider, ProviderAccount, ProviderAccountStore, TenantScope};

/// Keeps carriers' credentials in memory.
#[derive(Debug, Default)]
pub struct MemoryProviderAccountStore {
    rows: Rows<ProviderAccount>,
    audit: MemoryAuditLog,
}

impl MemoryProviderAccountStore {
    /// Makes an empty store that records in a log.
    pub fn recording_in(audit: &MemoryAuditLog) -> Self {
        Self { audit: audit.clone(), ..Self::default() }
    }
}

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
        let mut rows = self.rows.lock();
        if rows.iter().any(is_same) {
            return Err(StoreError::Duplicate);
        }
        rows.push(account.clone());
        self.audit.record(scope, account.created_at, AuditAction::ProviderAccountAdded, account.id);
        Ok(())
    }

    async fn list(&self, scope: &TenantScope) -> Result<Vec<ProviderAccount>, StoreError> {
        let is_ours = |account: &ProviderAccount| account.tenant_id == scope.tenant_id();
        Ok(self.rows.list(is_ours, |account| (account.created_at, account.id)))
    }

    async fn delete(
        &self,
        scope: &TenantScope,
        id: ProviderAccountId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut rows = self.rows.lock();
        let before = rows.len();
        rows.retain(|account| account.id != id || account.tenant_id != scope.tenant_id());
        let is_gone = rows.len() < before;
        if is_gone {
            self.audit.record(scope, at, AuditAction::ProviderAccountRemoved, id);
        }
        Ok(is_gone)
    }

    async fn find_by_sid(
        &self,
        _: &PlatformScope,
        provider: Provider,
        account_sid: &str,
    ) -> Result<Option<ProviderAccount>, StoreError> {
        Ok(self.rows.find(|account| account.provider == provider && account.account_sid == account_sid))
    }
}
