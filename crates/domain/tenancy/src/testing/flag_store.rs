//! Feature flags, in memory.

use async_trait::async_trait;
use kernel::{StoreError, TenantId, Timestamp};

use super::{MemoryAuditLog, rows::Rows};
use crate::{AuditAction, FeatureFlag, FlagStore, TenantScope};

/// Keeps feature flags in memory.
#[derive(Debug, Default)]
pub struct MemoryFlagStore {
    rows: Rows<(TenantId, FeatureFlag, bool)>,
    audit: MemoryAuditLog,
}

impl MemoryFlagStore {
    /// Makes an empty store that records in a log.
    pub fn recording_in(audit: &MemoryAuditLog) -> Self {
        Self { audit: audit.clone(), ..Self::default() }
    }
}

#[async_trait]
impl FlagStore for MemoryFlagStore {
    async fn list(&self, scope: &TenantScope) -> Result<Vec<(FeatureFlag, bool)>, StoreError> {
        let rows = self.rows.list(|(tenant, ..)| *tenant == scope.tenant_id(), |(_, flag, _)| flag.as_str());
        Ok(rows.into_iter().map(|(_, flag, value)| (flag, value)).collect())
    }

    async fn set(
        &self,
        scope: &TenantScope,
        flag: FeatureFlag,
        value: bool,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut rows = self.rows.lock();
        let stored = rows.iter_mut().find(|(tenant, name, _)| *tenant == scope.tenant_id() && *name == flag);
        let before = stored.map(|(.., stored)| std::mem::replace(stored, value));
        if before.is_none() {
            rows.push((scope.tenant_id(), flag, value));
        }
        if before != Some(value) {
            let action = if value { AuditAction::FlagSwitchedOn } else { AuditAction::FlagSwitchedOff };
            self.audit.record(scope, at, action, flag.as_str());
        }
        Ok(())
    }
}
