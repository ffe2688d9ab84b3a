//! Channel bindings, in memory.

use async_trait::async_trait;
use kernel::{BindingId, StoreError, Timestamp};

use super::{MemoryAuditLog, rows::Rows};
use crate::{Address, AuditAction, Channel, ChannelBinding, ChannelStore, PlatformScope, TenantScope};

/// Keeps channel bindings in memory.
#[derive(Debug, Default)]
pub struct MemoryChannelStore {
    rows: Rows<ChannelBinding>,
    audit: MemoryAuditLog,
}

impl MemoryChannelStore {
    /// Makes an empty store that records in a log.
    pub fn recording_in(audit: &MemoryAuditLog) -> Self {
        Self { audit: audit.clone(), ..Self::default() }
    }
}

#[async_trait]
impl ChannelStore for MemoryChannelStore {
    async fn insert(&self, scope: &TenantScope, binding: &ChannelBinding) -> Result<(), StoreError> {
        if binding.tenant_id() != scope.tenant_id() {
            return Err(StoreError::Conflict);
        }
        let is_same = |stored: &ChannelBinding| {
            let is_taken = stored.channel() == binding.channel() && stored.address() == binding.address();
            is_taken || stored.id() == binding.id()
        };
        let mut rows = self.rows.lock();
        if rows.iter().any(is_same) {
            return Err(StoreError::Duplicate);
        }
        rows.push(binding.clone());
        self.audit.record(scope, binding.created_at(), AuditAction::ChannelBound, binding.id());
        Ok(())
    }

    async fn find(&self, scope: &TenantScope, id: BindingId) -> Result<Option<ChannelBinding>, StoreError> {
        Ok(self.rows.find(|binding| binding.id() == id && binding.tenant_id() == scope.tenant_id()))
    }

    async fn list(&self, scope: &TenantScope) -> Result<Vec<ChannelBinding>, StoreError> {
        let is_ours = |binding: &ChannelBinding| binding.tenant_id() == scope.tenant_id();
        Ok(self.rows.list(is_ours, |binding| (binding.created_at(), binding.id())))
    }

    async fn set_active(
        &self,
        scope: &TenantScope,
        id: BindingId,
        is_active: bool,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut rows = self.rows.lock();
        let found =
            rows.iter_mut().find(|binding| binding.id() == id && binding.tenant_id() == scope.tenant_id());
        let Some(binding) = found else { return Ok(false) };
        binding.set_active(is_active);
        let action = if is_active { AuditAction::ChannelSwitchedOn } else { AuditAction::ChannelSwitchedOff };
        self.audit.record(scope, at, action, id);
        Ok(true)
    }

    async fn find_by_address(
        &self,
        _: &PlatformScope,
        channel: Channel,
        address: &Address,
    ) -> Result<Option<ChannelBinding>, StoreError> {
        Ok(self.rows.find(|binding| binding.channel() == channel && binding.address() == address))
    }

    async fn has_address(
        &self,
        _: &PlatformScope,
        channel: Channel,
        address: &Address,
    ) -> Result<bool, StoreError> {
        let bound = self.rows.find(|binding| binding.channel() == channel && binding.address() == address);
        Ok(bound.is_some())
    }
}
