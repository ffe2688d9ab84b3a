//! The one place where scopes are minted.

use std::sync::Arc;

use kernel::TenantId;

use crate::{
    AccessError, Address, Channel, ChannelBinding, ChannelStore, CredentialStore, PlatformScope,
    SecretDigest, Tenant, TenantScope, TenantStatus, TenantStore,
};

/// An authenticated caller.
#[derive(Clone, Debug)]
pub enum Principal {
    /// A tenant's program, by API key.
    Tenant(TenantScope),
    /// The operator, by the platform admin key.
    Platform(PlatformScope),
}

/// Verifies credentials and mints scopes. What is not configured lets nobody in.
pub struct Gate {
    tenants: Arc<dyn TenantStore>,
    credentials: Arc<dyn CredentialStore>,
    channels: Arc<dyn ChannelStore>,
    admin_key: Option<SecretDigest>,
}

impl Gate {
    /// Makes the gate. Without an admin key nobody is the operator.
    pub fn new(
        tenants: Arc<dyn TenantStore>,
        credentials: Arc<dyn CredentialStore>,
        channels: Arc<dyn ChannelStore>,
        admin_key: Option<SecretDigest>,
    ) -> Self {
        Self { tenants, credentials, channels, admin_key }
    }

    /// Mints the scope under which the server does its own work: claiming jobs, making the demo tenant.
    ///
    /// Only the composition root calls this.
    pub fn system(&self) -> PlatformScope {
        PlatformScope::mint()
    }

    /// Lets the operator in.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when the key is wrong, or none is configured.
    pub fn by_admin_key(&self, presented: &str) -> Result<PlatformScope, AccessError> {
        let expected = self.admin_key.as_ref().ok_or(AccessError::Unauthorized)?;
        if expected.matches(&SecretDigest::of(presented)) {
            Ok(PlatformScope::mint())
        } else {
            Err(AccessError::Unauthorized)
        }
    }

    /// Lets a tenant's program in.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when the key is unknown or revoked or its tenant deleted,
    /// [`AccessError::Suspended`] when the tenant is.
    pub async fn by_api_key(&self, presented: &str) -> Result<TenantScope, AccessError> {
        let key = self.credentials.find_api_key(&PlatformScope::mint(), &SecretDigest::of(presented)).await?;
        match key {
            Some(key) if key.revoked_at.is_none() => self.admit(key.tenant_id).await,
            _ => Err(AccessError::Unauthorized),
        }
    }

    /// Lets a web page's visitor in.
    ///
    /// # Errors
    /// As [`Gate::by_api_key`], and [`AccessError::Forbidden`] when the page's origin is not on the token's list.
    pub async fn by_widget_token(
        &self,
        presented: &str,
        origin: Option<&str>,
    ) -> Result<TenantScope, AccessError> {
        let token =
            self.credentials.find_widget_token(&PlatformScope::mint(), &SecretDigest::of(presented)).await?;
        match token {
            Some(token) if token.revoked_at.is_some() => Err(AccessError::Unauthorized),
            Some(token) if !token.allows(origin) => Err(AccessError::Forbidden),
            Some(token) => self.admit(token.tenant_id).await,
            None => Err(AccessError::Unauthorized),
        }
    }

    /// Resolves the tenant of a webhook from the number that was written to.
    ///
    /// Call it only after the webhook's signature was verified. Returns `None` when no active binding of a
    /// tenant that exists has the address, or when `owner` is given and the binding is another tenant's.
    /// A suspended tenant is resolved: its messages are stored.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn by_channel(
        &self,
        channel: Channel,
        address: &Address,
        owner: Option<TenantId>,
    ) -> Result<Option<(TenantScope, ChannelBinding)>, AccessError> {
        let platform = PlatformScope::mint();
        let Some(binding) = self.channels.find_by_address(&platform, channel, address).await? else {
            return Ok(None);
        };
        if !binding.is_active() || owner.is_some_and(|owner| owner != binding.tenant_id()) {
            return Ok(None);
        }
        let tenant = self.tenants.find(&platform, binding.tenant_id()).await?;
        if tenant.is_none_or(|tenant| tenant.status() == TenantStatus::Deleted) {
            return Ok(None);
        }
        Ok(Some((TenantScope::mint(binding.tenant_id()), binding)))
    }

    /// Resolves the tenant that one of our own numbers belongs to, whether or not the binding is switched on: a
    /// delivery report may come after that, and two of our numbers must never answer one another.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn by_own_address(
        &self,
        channel: Channel,
        address: &Address,
    ) -> Result<Option<TenantScope>, AccessError> {
        let binding = self.channels.find_by_address(&PlatformScope::mint(), channel, address).await?;
        Ok(binding.map(|binding| TenantScope::mint(binding.tenant_id())))
    }

    /// Resolves the tenant of a verified webhook that names no number, such as a delivery report.
    ///
    /// `verified` is the owner of the account whose token signed the webhook.
    pub fn by_verified_account(&self, verified: TenantId) -> TenantScope {
        TenantScope::mint(verified)
    }

    /// Finds the tenant that the operator has selected.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn select(
        &self,
        platform: &PlatformScope,
        tenant: TenantId,
    ) -> Result<Option<(TenantScope, Tenant)>, AccessError> {
        let found = self.tenants.find(platform, tenant).await?;
        Ok(found.map(|tenant| (TenantScope::mint(tenant.id()), tenant)))
    }

    async fn admit(&self, tenant: TenantId) -> Result<TenantScope, AccessError> {
        let found = self.tenants.find(&PlatformScope::mint(), tenant).await?;
        match found.map(|tenant| tenant.status()) {
            Some(TenantStatus::Active) => Ok(TenantScope::mint(tenant)),
            Some(TenantStatus::Suspended) => Err(AccessError::Suspended),
            Some(TenantStatus::Deleted) | None => Err(AccessError::Unauthorized),
        }
    }
}
