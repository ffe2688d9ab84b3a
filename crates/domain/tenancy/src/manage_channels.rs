//! Binding a tenant's addresses and switching them on and off.

use std::sync::Arc;

use kernel::{BindingId, Clock, IdGenerator, StoreError};

use crate::{Address, Channel, ChannelBinding, ChannelStore, Provider, TenancyError, TenantScope};

/// Binds a tenant's addresses and switches them on and off.
pub struct ManageChannels {
    store: Arc<dyn ChannelStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ManageChannels {
    /// Makes the use case.
    pub fn new(store: Arc<dyn ChannelStore>, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { store, clock, ids }
    }

    /// Binds an address to the tenant.
    ///
    /// # Errors
    /// When the address does not fit the channel, is taken by any tenant, or the store fails.
    pub async fn bind(
        &self,
        scope: &TenantScope,
        channel: Channel,
        provider: Provider,
        address: Address,
    ) -> Result<ChannelBinding, TenancyError> {
        let id = BindingId::new(self.ids.next());
        let binding = ChannelBinding::bind(scope, id, channel, provider, address, self.clock.now())?;
        match self.store.insert(scope, &binding).await {
            Ok(()) => Ok(binding),
            Err(StoreError::Duplicate) => Err(TenancyError::Taken { what: "channel address" }),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the tenant's bindings, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, scope: &TenantScope) -> Result<Vec<ChannelBinding>, TenancyError> {
        Ok(self.store.list(scope).await?)
    }

    /// Switches a binding on or off.
    ///
    /// # Errors
    /// When the tenant has no such binding, or the store fails.
    pub async fn set_active(
        &self,
        scope: &TenantScope,
        id: BindingId,
        is_active: bool,
    ) -> Result<ChannelBinding, TenancyError> {
        self.store.set_active(scope, id, is_active, self.clock.now()).await?;
        self.store.find(scope, id).await?.ok_or(TenancyError::NotFound { what: "channel" })
    }
}
