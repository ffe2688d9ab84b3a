//! A store that cannot be reached.

use async_trait::async_trait;
use kernel::{ApiKeyId, BindingId, Page, PageRequest, StoreError, TenantId, Timestamp, WidgetTokenId};
use tenancy::{
    Address, ApiKey, BusinessProfile, Channel, ChannelBinding, ChannelStore, CredentialStore, PlatformScope,
    SecretDigest, Tenant, TenantScope, TenantStore, WidgetToken,
};

/// A store that cannot be reached. Its reason must never reach a caller.
pub(crate) struct BrokenStore;

impl BrokenStore {
    /// What must never reach a caller.
    pub(crate) const REASON: &'static str = "connection to db.internal refused";
}

fn down<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable(BrokenStore::REASON.into()))
}

#[async_trait]
impl TenantStore for BrokenStore {
    async fn insert(&self, _: &PlatformScope, _: &Tenant, _: &BusinessProfile) -> Result<(), StoreError> {
        down()
    }
    async fn find(&self, _: &PlatformScope, _: TenantId) -> Result<Option<Tenant>, StoreError> {
        down()
    }
    async fn list(&self, _: &PlatformScope, _: &PageRequest) -> Result<Page<Tenant>, StoreError> {
        down()
    }
    async fn save(&self, _: &PlatformScope, _: &Tenant, _: Timestamp) -> Result<(), StoreError> {
        down()
    }
    async fn find_profile(&self, _: &TenantScope) -> Result<Option<(Tenant, BusinessProfile)>, StoreError> {
        down()
    }
    async fn save_profile(
        &self,
        _: &TenantScope,
        _: &BusinessProfile,
        _: Timestamp,
    ) -> Result<(), StoreError> {
        down()
    }
}

#[async_trait]
impl CredentialStore for BrokenStore {
    async fn insert_api_key(&self, _: &TenantScope, _: &ApiKey) -> Result<(), StoreError> {
        down()
    }
    async fn list_api_keys(&self, _: &TenantScope) -> Result<Vec<ApiKey>, StoreError> {
        down()
    }
    async fn revoke_api_key(&self, _: &TenantScope, _: ApiKeyId, _: Timestamp) -> Result<bool, StoreError> {
        down()
    }
    async fn rotate_api_key(
        &self,
        _: &TenantScope,
        _: ApiKeyId,
        _: &ApiKey,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        down()
    }
    async fn find_api_key(&self, _: &PlatformScope, _: &SecretDigest) -> Result<Option<ApiKey>, StoreError> {
        down()
    }
    async fn insert_widget_token(&self, _: &TenantScope, _: &WidgetToken) -> Result<(), StoreError> {
        down()
    }
    async fn list_widget_tokens(&self, _: &TenantScope) -> Result<Vec<WidgetToken>, StoreError> {
        down()
    }
    async fn revoke_widget_token(
        &self,
        _: &TenantScope,
        _: WidgetTokenId,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        down()
    }
    async fn find_widget_token(
        &self,
        _: &PlatformScope,
        _: &SecretDigest,
    ) -> Result<Option<WidgetToken>, StoreError> {
        down()
    }
}

#[async_trait]
impl ChannelStore for BrokenStore {
    async fn insert(&self, _: &TenantScope, _: &ChannelBinding) -> Result<(), StoreError> {
        down()
    }
    async fn find(&self, _: &TenantScope, _: BindingId) -> Result<Option<ChannelBinding>, StoreError> {
        down()
    }
    async fn list(&self, _: &TenantScope) -> Result<Vec<ChannelBinding>, StoreError> {
        down()
    }
    async fn set_active(
        &self,
        _: &TenantScope,
        _: BindingId,
        _: bool,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        down()
    }
    async fn find_by_address(
        &self,
        _: &PlatformScope,
        _: Channel,
        _: &Address,
    ) -> Result<Option<ChannelBinding>, StoreError> {
        down()
    }
    async fn has_address(&self, _: &PlatformScope, _: Channel, _: &Address) -> Result<bool, StoreError> {
        down()
    }
}
