//! Channel bindings, in memory.

use async_trait::async_trait;
use kernel::{BindingId, StoreError};

use super::rows::Rows;
use crate::{Address, Channel, ChannelBinding, ChannelStore, PlatformScope, TenantScope};

/// Keeps channel bindings in memory.
#[derive(Debug, Default)]
pub struct MemoryChannelStore(Rows<ChannelBinding>);

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
        let mut rows = self.0.lock();
        if rows.iter().any(is_same) {
            return Err(StoreError::Duplicate);
        }
        rows.push(binding.clone());
        Ok(())
    }

    async fn find(&self, scope: &TenantScope, id: BindingId) -> Result<Option<ChannelBinding>, StoreError> {
        Ok(self.0.find(|binding| binding.id() == id && binding.tenant_id() == scope.tenant_id()))
    }

    async fn list(&self, scope: &TenantScope) -> Result<Vec<ChannelBinding>, StoreError> {
        let is_ours = |binding: &ChannelBinding| binding.tenant_id() == scope.tenant_id();
        Ok(self.0.list(is_ours, |binding| (binding.created_at(), binding.id())))
    }

    async fn set_active(
        &self,
        scope: &TenantScope,
        id: BindingId,
        is_active: bool,
    ) -> Result<bool, StoreError> {
        let mut rows = self.0.lock();
        let found =
            rows.iter_mut().find(|binding| binding.id() == id && binding.tenant_id() == scope.tenant_id());
        Ok(found.map(|binding| binding.set_active(is_active)).is_some())
    }

    async fn find_by_address(
        &self,
        _: &PlatformScope,
        channel: Channel,
        address: &Address,
    ) -> Result<Option<ChannelBinding>, StoreError> {
        Ok(self.0.find(|binding| binding.channel() == channel && binding.address() == address))
    }
}
