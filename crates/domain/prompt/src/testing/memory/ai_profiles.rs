//! AI profiles, in memory.

use async_trait::async_trait;
use kernel::{AiProfileId, Page, PageRequest, StoreError, TenantId, Timestamp};
use tenancy::{AuditAction, TenantScope, testing::MemoryAuditLog};

use super::rows::{Order, Rows, page_of};
use crate::{AiProfile, AiProfileStore};

/// Keeps AI profiles in memory.
#[derive(Debug, Default)]
pub struct MemoryAiProfileStore {
    rows: Rows<AiProfile>,
    audit: MemoryAuditLog,
}

impl MemoryAiProfileStore {
    /// Makes an empty store that records in a log.
    pub fn recording_in(audit: &MemoryAuditLog) -> Self {
        Self { audit: audit.clone(), ..Self::default() }
    }
}

/// Lets no profile but one be the tenant's default.
fn unset_others(rows: &mut [AiProfile], tenant: TenantId, id: AiProfileId) {
    for row in rows.iter_mut().filter(|row| row.tenant_id == tenant && row.id != id && row.is_default) {
        row.is_default = false;
        row.version += 1;
    }
}

#[async_trait]
impl AiProfileStore for MemoryAiProfileStore {
    async fn insert(&self, scope: &TenantScope, profile: &AiProfile) -> Result<(), StoreError> {
        if profile.tenant_id != scope.tenant_id() {
            return Err(StoreError::Conflict);
        }
        let mut rows = self.rows.lock();
        if rows.iter().any(|row| row.id == profile.id) {
            return Err(StoreError::Duplicate);
        }
        if profile.is_default {
            unset_others(&mut rows, profile.tenant_id, profile.id);
        }
        rows.push(profile.clone());
        self.audit.record(scope, profile.created_at, AuditAction::AiProfileCreated, profile.id);
        Ok(())
    }

    async fn find(&self, scope: &TenantScope, id: AiProfileId) -> Result<Option<AiProfile>, StoreError> {
        Ok(self.rows.find(|row| row.tenant_id == scope.tenant_id() && row.id == id))
    }

    async fn find_default(&self, scope: &TenantScope) -> Result<Option<AiProfile>, StoreError> {
        Ok(self.rows.find(|row| row.tenant_id == scope.tenant_id() && row.is_default))
    }

    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<AiProfile>, StoreError> {
        let rows = self.rows.all(|row| row.tenant_id == scope.tenant_id());
        Ok(page_of(rows, page, Order::OldestFirst, |row| (row.created_at, row.id.uuid())))
    }

    async fn save(&self, scope: &TenantScope, profile: &AiProfile, at: Timestamp) -> Result<(), StoreError> {
        let mut rows = self.rows.lock();
        let is_same = |row: &&mut AiProfile| {
            row.tenant_id == scope.tenant_id() && row.id == profile.id && row.version == profile.version
        };
        let stored = rows.iter_mut().find(is_same).ok_or(StoreError::Conflict)?;
        *stored = AiProfile {
            id: stored.id,
            tenant_id: stored.tenant_id,
            created_at: stored.created_at,
            version: stored.version + 1,
            ..profile.clone()
        };
        if profile.is_default {
            unset_others(&mut rows, scope.tenant_id(), profile.id);
        }
        self.audit.record(scope, at, AuditAction::AiProfileChanged, profile.id);
        Ok(())
    }
}
