//! Tenants and their profiles, in memory.

use async_trait::async_trait;
use kernel::{Cursor, Page, PageRequest, StoreError, TenantId, Timestamp};

use super::{MemoryAuditLog, rows::Rows};
use crate::{AuditAction, AuditDetail, BusinessProfile, PlatformScope, Tenant, TenantScope, TenantStore};

/// Keeps tenants in memory.
#[derive(Debug, Default)]
pub struct MemoryTenantStore {
    rows: Rows<(Tenant, BusinessProfile)>,
    audit: MemoryAuditLog,
}

impl MemoryTenantStore {
    /// Makes an empty store that records in a log.
    pub fn recording_in(audit: &MemoryAuditLog) -> Self {
        Self { audit: audit.clone(), ..Self::default() }
    }
}

#[async_trait]
impl TenantStore for MemoryTenantStore {
    async fn insert(
        &self,
        platform: &PlatformScope,
        tenant: &Tenant,
        profile: &BusinessProfile,
    ) -> Result<(), StoreError> {
        let mut rows = self.rows.lock();
        if rows.iter().any(|(stored, _)| stored.id() == tenant.id()) {
            return Err(StoreError::Duplicate);
        }
        rows.push((tenant.clone(), profile.clone()));
        let scope = platform.tenant(tenant.id());
        self.audit.record(&scope, tenant.created_at(), AuditAction::TenantCreated, tenant.id());
        Ok(())
    }

    async fn find(&self, _: &PlatformScope, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        Ok(self.rows.find(|(tenant, _)| tenant.id() == id).map(|(tenant, _)| tenant))
    }

    async fn list(&self, _: &PlatformScope, page: &PageRequest) -> Result<Page<Tenant>, StoreError> {
        let is_due = |(tenant, _): &(Tenant, BusinessProfile)| {
            page.after().is_none_or(|after| {
                let Cursor { micros, id } = cursor(tenant);
                (micros, id) > (after.micros, after.id)
            })
        };
        let due = self.rows.list(is_due, |(tenant, _)| (tenant.created_at(), tenant.id()));
        let rows = due.into_iter().map(|(tenant, _)| tenant).take(usize::from(page.limit()) + 1).collect();
        Ok(Page::from_rows(rows, page, cursor))
    }

    async fn save(&self, platform: &PlatformScope, tenant: &Tenant, at: Timestamp) -> Result<(), StoreError> {
        let mut rows = self.rows.lock();
        let read = |stored: &Tenant| stored.id() == tenant.id() && stored.version() == tenant.version();
        let (stored, _) = rows.iter_mut().find(|(stored, _)| read(stored)).ok_or(StoreError::Conflict)?;
        let detail = AuditDetail::of_tenant(stored, tenant);
        *stored = Tenant::from_stored(
            stored.id(),
            stored.name().to_owned(),
            (tenant.status(), tenant.plan()),
            stored.created_at(),
            stored.version() + 1,
        );
        let scope = platform.tenant(tenant.id());
        self.audit.record_change(&scope, at, (AuditAction::TenantChanged, tenant.id()), detail);
        Ok(())
    }

    async fn find_profile(
        &self,
        scope: &TenantScope,
    ) -> Result<Option<(Tenant, BusinessProfile)>, StoreError> {
        Ok(self.rows.find(|(tenant, _)| tenant.id() == scope.tenant_id()))
    }

    async fn save_profile(
        &self,
        scope: &TenantScope,
        profile: &BusinessProfile,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut rows = self.rows.lock();
        let row = rows.iter_mut().find(|(tenant, _)| tenant.id() == scope.tenant_id());
        let (_, stored) = row.ok_or(StoreError::Conflict)?;
        *stored = profile.clone();
        self.audit.record(scope, at, AuditAction::ProfileReplaced, scope.tenant_id());
        Ok(())
    }
}

fn cursor(tenant: &Tenant) -> Cursor {
    Cursor { micros: tenant.created_at().timestamp_micros(), id: tenant.id().uuid() }
}
