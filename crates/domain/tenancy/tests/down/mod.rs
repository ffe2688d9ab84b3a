//! Stores whose database is away.

use async_trait::async_trait;
use kernel::{ApiKeyId, BindingId, Page, PageRequest, StoreError, TenantId, Timestamp, WidgetTokenId};
use tenancy::{
    Address, ApiKey, BusinessProfile, Channel, ChannelBinding, ChannelStore, CredentialStore, PlatformScope,
    SecretDigest, Tenant, TenantScope, TenantStore, WidgetToken,
};

type Outcome<T> = Result<T, StoreError>;

/// Answers every question with [`StoreError::Unavailable`].
pub(crate) struct Down;

fn down<T>() -> Outcome<T> {
    Err(StoreError::Unavailable("down".into()))
}

#[async_trait]
impl TenantStore for Down {
    async fn insert(&self, _: &PlatformScope, _: &Tenant, _: &BusinessProfile) -> Outcome<()> {
        down()
    }
    async fn find(&self, _: &PlatformScope, _: TenantId) -> Outcome<Option<Tenant>> {
        down()
    }
    async fn list(&self, _: &PlatformScope, _: &PageRequest) -> Outcome<Page<Tenant>> {
        down()
    }
    async fn save(&self, _: &PlatformScope, _: &Tenant, _: Timestamp) -> Outcome<()> {
        down()
    }
    async fn find_profile(&self, _: &TenantScope) -> Outcome<Option<(Tenant, BusinessProfile)>> {
        down()
    }
    async fn save_profile(&self, _: &TenantScope, _: &BusinessProfile, _: Timestamp) -> Outcome<()> {
        down()
    }
}

#[async_trait]
impl CredentialStore for Down {
    async fn insert_api_key(&self, _: &TenantScope, _: &ApiKey) -> Outcome<()> {
        down()
    }
    async fn list_api_keys(&self, _: &TenantScope) -> Outcome<Vec<ApiKey>> {
        down()
    }
    async fn revoke_api_key(&self, _: &TenantScope, _: ApiKeyId, _: Timestamp) -> Outcome<bool> {
        down()
    }
    async fn rotate_api_key(
        &self,
        _: &TenantScope,
        _: ApiKeyId,
        _: &ApiKey,
        _: Timestamp,
        _: Timestamp,
    ) -> Outcome<bool> {
        down()
    }
    async fn find_api_key(&self, _: &PlatformScope, _: &SecretDigest) -> Outcome<Option<ApiKey>> {
        down()
    }
    async fn insert_widget_token(&self, _: &TenantScope, _: &WidgetToken) -> Outcome<()> {
        down()
    }
    async fn list_widget_tokens(&self, _: &TenantScope) -> Outcome<Vec<WidgetToken>> {
        down()
    }
    async fn revoke_widget_token(&self, _: &TenantScope, _: WidgetTokenId, _: Timestamp) -> Outcome<bool> {
        down()
    }
    async fn find_widget_token(&self, _: &PlatformScope, _: &SecretDigest) -> Outcome<Option<WidgetToken>> {
        down()
    }
}

#[async_trait]
impl ChannelStore for Down {
    async fn insert(&self, _: &TenantScope, _: &ChannelBinding) -> Outcome<()> {
        down()
    }
    async fn find(&self, _: &TenantScope, _: BindingId) -> Outcome<Option<ChannelBinding>> {
        down()
    }
    async fn list(&self, _: &TenantScope) -> Outcome<Vec<ChannelBinding>> {
        down()
    }
    async fn set_active(&self, _: &TenantScope, _: BindingId, _: bool, _: Timestamp) -> Outcome<bool> {
        down()
    }
    async fn find_by_address(
        &self,
        _: &PlatformScope,
        _: Channel,
        _: &Address,
    ) -> Outcome<Option<ChannelBinding>> {
        down()
    }
    async fn has_address(&self, _: &PlatformScope, _: Channel, _: &Address) -> Outcome<bool> {
        down()
    }
}
