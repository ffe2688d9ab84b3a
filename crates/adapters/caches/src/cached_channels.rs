//! Whose an address is, kept in the process while that is safe.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{BindingId, StoreError, Timestamp};
use tenancy::{Address, Channel, ChannelBinding, ChannelStore, Invalidations, PlatformScope, TenantScope};

use crate::{Cache, CacheLimits};

/// Keeps bindings that were found by their address, which every incoming message asks for.
pub struct CachedChannelStore {
    inner: Arc<dyn ChannelStore>,
    by_address: Cache<(Channel, Address), ChannelBinding>,
}

impl CachedChannelStore {
    /// Wraps a store.
    pub fn new(
        inner: Arc<dyn ChannelStore>,
        invalidations: &Arc<dyn Invalidations>,
        limits: CacheLimits,
    ) -> Self {
        Self { inner, by_address: Cache::new(invalidations, "channels", ChannelBinding::tenant_id, limits) }
    }
}

#[async_trait]
impl ChannelStore for CachedChannelStore {
    async fn insert(&self, scope: &TenantScope, binding: &ChannelBinding) -> Result<(), StoreError> {
        let change = self.by_address.change(scope.tenant_id());
        let outcome = self.inner.insert(scope, binding).await;
        change.done().await;
        outcome
    }

    async fn find(&self, scope: &TenantScope, id: BindingId) -> Result<Option<ChannelBinding>, StoreError> {
        self.inner.find(scope, id).await
    }

    async fn list(&self, scope: &TenantScope) -> Result<Vec<ChannelBinding>, StoreError> {
        self.inner.list(scope).await
    }

    async fn set_active(
        &self,
        scope: &TenantScope,
        id: BindingId,
        is_active: bool,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let change = self.by_address.change(scope.tenant_id());
        let outcome = self.inner.set_active(scope, id, is_active, at).await;
        change.done().await;
        outcome
    }

    async fn find_by_address(
        &self,
        platform: &PlatformScope,
        channel: Channel,
        address: &Address,
    ) -> Result<Option<ChannelBinding>, StoreError> {
        let key = (channel, address.clone());
        self.by_address.read(&key, self.inner.find_by_address(platform, channel, address)).await
    }

    /// Seldom asked twice of one address, so nothing is kept.
    async fn has_address(
        &self,
        platform: &PlatformScope,
        channel: Channel,
        address: &Address,
    ) -> Result<bool, StoreError> {
        self.inner.has_address(platform, channel, address).await
    }
}
