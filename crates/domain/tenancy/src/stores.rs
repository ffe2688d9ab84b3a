//! The ports to what is stored about tenants. Each has a fake and a contract suite in
//! [`testing`](crate::testing).

use async_trait::async_trait;
use kernel::{
    ApiKeyId, BindingId, Page, PageRequest, ProviderAccountId, StoreError, TenantId, Timestamp, WidgetTokenId,
};

use crate::{
    Address, ApiKey, BusinessProfile, Channel, ChannelBinding, PlatformScope, Provider, ProviderAccount,
    SecretDigest, Tenant, TenantScope, WidgetToken,
};

/// Keeps tenants and their business profiles.
#[async_trait]
pub trait TenantStore: Send + Sync {
    /// Writes a new tenant with its own key and its profile, all or nothing, and records `tenant.created`.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when the id exists.
    async fn insert(
        &self,
        platform: &PlatformScope,
        tenant: &Tenant,
        profile: &BusinessProfile,
    ) -> Result<(), StoreError>;

    /// Returns a tenant, deleted ones too.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(&self, platform: &PlatformScope, id: TenantId) -> Result<Option<Tenant>, StoreError>;

    /// Returns tenants, oldest first, deleted ones too.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(&self, platform: &PlatformScope, page: &PageRequest) -> Result<Page<Tenant>, StoreError>;

    /// Writes a tenant's status and plan, raises its version by one, and records `tenant.changed` with
    /// [`AuditDetail::of_tenant`](crate::AuditDetail::of_tenant), unless they stay as they were.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] unless the stored version is the one that was read.
    async fn save(&self, platform: &PlatformScope, tenant: &Tenant, at: Timestamp) -> Result<(), StoreError>;

    /// Returns the scope's tenant and its profile; `None` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_profile(
        &self,
        scope: &TenantScope,
    ) -> Result<Option<(Tenant, BusinessProfile)>, StoreError>;

    /// Writes the scope's profile, sealed, and records `profile.replaced`. The last writer wins.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such tenant; or when the store fails.
    async fn save_profile(
        &self,
        scope: &TenantScope,
        profile: &BusinessProfile,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}

/// Keeps API keys, owner tokens and widget tokens, as digests.
#[async_trait]
pub trait CredentialStore: Send + Sync {
    /// Writes a new API key or owner token, and records `api_key.created`.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when the digest exists; [`StoreError::Conflict`] when the key is not the
    /// scope's tenant's.
    async fn insert_api_key(&self, scope: &TenantScope, key: &ApiKey) -> Result<(), StoreError>;

    /// Returns the tenant's API keys, oldest first, revoked ones too.
    ///
    /// # Errors
    /// When the store fails.
    async fn list_api_keys(&self, scope: &TenantScope) -> Result<Vec<ApiKey>, StoreError>;

    /// Revokes an API key; `false` when the tenant has no such key. Revoking again keeps the first time. Records
    /// `api_key.revoked`, the first time.
    ///
    /// # Errors
    /// When the store fails.
    async fn revoke_api_key(
        &self,
        scope: &TenantScope,
        id: ApiKeyId,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Writes a key that takes the place of another, which works until `until` and never longer than it would have,
    /// and records `api_key.rotated`; `false` when the tenant has no such key, or one that does not work at `at`. All or
    /// nothing.
    ///
    /// # Errors
    /// As [`insert_api_key`](Self::insert_api_key); [`StoreError::Conflict`] also when another key has taken its place
    /// already: how long it would have worked by itself is known of that one alone.
    async fn rotate_api_key(
        &self,
        scope: &TenantScope,
        old: ApiKeyId,
        new: &ApiKey,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Returns the key with this digest, whether it works or not.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_api_key(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
    ) -> Result<Option<ApiKey>, StoreError>;

    /// Writes a new widget token, and records `widget_token.created`.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when the digest exists; [`StoreError::Conflict`] when the token is not the
    /// scope's tenant's.
    async fn insert_widget_token(&self, scope: &TenantScope, token: &WidgetToken) -> Result<(), StoreError>;

    /// Returns the tenant's widget tokens, oldest first, revoked ones too.
    ///
    /// # Errors
    /// When the store fails.
    async fn list_widget_tokens(&self, scope: &TenantScope) -> Result<Vec<WidgetToken>, StoreError>;

    /// Revokes a widget token; `false` when the tenant has no such token. Revoking again keeps the first time. Records
    /// `widget_token.revoked`, the first time.
    ///
    /// # Errors
    /// When the store fails.
    async fn revoke_widget_token(
        &self,
        scope: &TenantScope,
        id: WidgetTokenId,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Returns the token with this digest, whether it works or not.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_widget_token(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
    ) -> Result<Option<WidgetToken>, StoreError>;
}

/// Keeps channel bindings.
///
/// An adapter MUST make (channel, address) unique over all tenants in the database itself, and MUST keep
/// the address sealed.
#[async_trait]
pub trait ChannelStore: Send + Sync {
    /// Writes a new binding, and records `channel.bound`.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when any tenant has this address on this channel; [`StoreError::Conflict`]
    /// when the binding is not the scope's tenant's.
    async fn insert(&self, scope: &TenantScope, binding: &ChannelBinding) -> Result<(), StoreError>;

    /// Returns one of the tenant's bindings.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(&self, scope: &TenantScope, id: BindingId) -> Result<Option<ChannelBinding>, StoreError>;

    /// Returns the tenant's bindings, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(&self, scope: &TenantScope) -> Result<Vec<ChannelBinding>, StoreError>;

    /// Writes whether a binding is active; `false` when the tenant has no such binding. Records `channel.switched_on` or
    /// `channel.switched_off`.
    ///
    /// # Errors
    /// When the store fails.
    async fn set_active(
        &self,
        scope: &TenantScope,
        id: BindingId,
        is_active: bool,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Returns the binding of an address, whichever tenant's it is, active or not.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_by_address(
        &self,
        platform: &PlatformScope,
        channel: Channel,
        address: &Address,
    ) -> Result<Option<ChannelBinding>, StoreError>;

    /// Tells whether any tenant has an address, active or not. Every incoming message asks this of its sender, so an adapter
    /// may answer as things stood a second ago, but never as they stood before a change of its own.
    ///
    /// # Errors
    /// When the store fails.
    async fn has_address(
        &self,
        platform: &PlatformScope,
        channel: Channel,
        address: &Address,
    ) -> Result<bool, StoreError>;
}

/// Keeps carriers' credentials.
///
/// An adapter MUST make (provider, account sid) unique over all tenants in the database itself, and MUST
/// keep the token sealed.
#[async_trait]
pub trait ProviderAccountStore: Send + Sync {
    /// Writes a new account, and records `provider_account.added`.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when any tenant has this account; [`StoreError::Conflict`] when the account
    /// is not the scope's tenant's.
    async fn insert(&self, scope: &TenantScope, account: &ProviderAccount) -> Result<(), StoreError>;

    /// Returns the tenant's accounts, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(&self, scope: &TenantScope) -> Result<Vec<ProviderAccount>, StoreError>;

    /// Removes an account, and records `provider_account.removed`; `false` when the tenant has no such account.
    ///
    /// # Errors
    /// When the store fails.
    async fn delete(
        &self,
        scope: &TenantScope,
        id: ProviderAccountId,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Returns the account with this id at the carrier, whichever tenant's it is.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_by_sid(
        &self,
        platform: &PlatformScope,
        provider: Provider,
        account_sid: &str,
    ) -> Result<Option<ProviderAccount>, StoreError>;
}
