//! The one place where scopes are minted.

use std::sync::Arc;

use kernel::{Clock, SessionId, TenantId};

use crate::{
    AccessError, Actor, Address, AdminLogin, AdminSessionStore, AdminTokenVerifier, ApiKey, Channel,
    ChannelBinding, ChannelStore, CredentialStore, KeyKind, MemberStatus, MemberStore, OperatorAccess,
    PlatformScope, SecretDigest, Tenant, TenantScope, TenantStatus, TenantStore, TokenSigner,
};

/// An authenticated caller.
#[derive(Clone, Debug)]
pub enum Principal {
    /// Somebody who acts for one tenant.
    Tenant(TenantScope),
    /// The operator.
    Platform(PlatformScope),
}

impl Principal {
    /// Returns who acts.
    pub fn actor(&self) -> &Actor {
        match self {
            Self::Tenant(scope) => scope.actor(),
            Self::Platform(platform) => platform.actor(),
        }
    }
}

/// How the operator and the operator's network are known. What is not set lets nobody in.
#[derive(Clone, Default)]
pub struct OperatorCredentials {
    /// The platform's admin key.
    pub key: Option<SecretDigest>,
    /// With what the operator signs in on a page.
    pub login: Option<AdminLogin>,
    /// Checks the tokens that the command line signs.
    pub tokens: Option<Arc<dyn AdminTokenVerifier>>,
    /// Whether whoever names a tenant is let in to it: the network keeps everybody else out.
    pub trusts_business_id: bool,
}

/// Where credentials are looked up.
#[derive(Clone)]
pub struct GateStores {
    /// Whether a tenant is served.
    pub tenants: Arc<dyn TenantStore>,
    /// API keys, owner tokens and widget tokens.
    pub credentials: Arc<dyn CredentialStore>,
    /// Whose number was written to.
    pub channels: Arc<dyn ChannelStore>,
    /// Members and their sessions.
    pub members: Arc<dyn MemberStore>,
    /// The operator's sessions.
    pub admin_sessions: Arc<dyn AdminSessionStore>,
}

/// Verifies credentials and mints scopes. What is not configured lets nobody in.
pub struct Gate {
    stores: GateStores,
    tokens: Arc<dyn TokenSigner>,
    operator: OperatorCredentials,
    clock: Arc<dyn Clock>,
}

impl Gate {
    /// Makes the gate.
    pub fn new(
        stores: GateStores,
        tokens: Arc<dyn TokenSigner>,
        operator: OperatorCredentials,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { stores, tokens, operator, clock }
    }

    /// Mints the scope under which the server does its own work: claiming jobs, making the demo tenant.
    ///
    /// Only the composition root calls this.
    pub fn system(&self) -> PlatformScope {
        system()
    }

    /// Lets the operator in.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when the key is wrong, or none is configured.
    pub fn by_admin_key(&self, presented: &str) -> Result<PlatformScope, AccessError> {
        let expected = self.operator.key.as_ref().ok_or(AccessError::Unauthorized)?;
        if expected.matches(&SecretDigest::of(presented)) {
            Ok(PlatformScope::mint(Actor::Operator(OperatorAccess::Key)))
        } else {
            Err(AccessError::Unauthorized)
        }
    }

    /// Lets in the operator who has signed in on a page.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when there is no such session, it has ended, or the login is another since; or when the
    /// store fails.
    pub async fn by_admin_session(&self, presented: &str) -> Result<PlatformScope, AccessError> {
        let login = self.operator.login.as_ref().ok_or(AccessError::Unauthorized)?;
        let until = self.stores.admin_sessions.find(&system(), &login.digest_of(presented)).await?;
        if until.is_some_and(|until| self.clock.now() < until) {
            Ok(PlatformScope::mint(Actor::Operator(OperatorAccess::Session)))
        } else {
            Err(AccessError::Unauthorized)
        }
    }

    /// Lets in whoever bears a signed token: a member who has signed in, or the operator's command line.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when the token is not good, its session has ended or its member is disabled;
    /// [`AccessError::Suspended`] when the tenant is; or when a store fails.
    pub async fn by_bearer(&self, presented: &str) -> Result<Principal, AccessError> {
        let now = self.clock.now();
        if let Ok(claims) = self.tokens.verify_access(presented, now) {
            return self.by_session(claims.session, claims.tenant).await.map(Principal::Tenant);
        }
        let subject =
            self.operator.tokens.as_ref().and_then(|tokens| tokens.verify_admin(presented, now).ok());
        let subject = subject.ok_or(AccessError::Unauthorized)?;
        Ok(Principal::Platform(PlatformScope::mint(Actor::Operator(OperatorAccess::Token { subject }))))
    }

    /// Lets a member who has signed in act once more, to sign out. That the tenant is suspended makes no difference: the
    /// sign-in would be good again once it is not.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when the token is not good, its session has ended or its member is disabled; or when a
    /// store fails.
    pub async fn by_bearer_to_sign_out(&self, presented: &str) -> Result<TenantScope, AccessError> {
        let claims = self.tokens.verify_access(presented, self.clock.now());
        let claims = claims.map_err(|_| AccessError::Unauthorized)?;
        let actor = self.signed_in(claims.session, claims.tenant).await?;
        Ok(TenantScope::mint(claims.tenant, actor))
    }

    async fn by_session(&self, session: SessionId, tenant: TenantId) -> Result<TenantScope, AccessError> {
        let actor = self.signed_in(session, tenant).await?;
        self.admit(tenant, actor).await
    }

    /// The role is the one that the member has now, whatever was signed.
    async fn signed_in(&self, session: SessionId, tenant: TenantId) -> Result<Actor, AccessError> {
        let found = self.stores.members.find_session(&system(), session).await?;
        let (session, member) = found.ok_or(AccessError::Unauthorized)?;
        let is_good = session.is_live(self.clock.now())
            && member.status == MemberStatus::Active
            && member.tenant_id == tenant;
        if is_good { Ok(member.acting(session.id)) } else { Err(AccessError::Unauthorized) }
    }

    /// Lets a tenant's program in.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when the key is unknown, revoked or expired, or its tenant deleted,
    /// [`AccessError::Suspended`] when the tenant is suspended.
    pub async fn by_api_key(&self, presented: &str) -> Result<TenantScope, AccessError> {
        self.by_key(KeyKind::Program, presented).await
    }

    /// Lets in whoever holds the owner's token.
    ///
    /// # Errors
    /// As [`Gate::by_api_key`].
    pub async fn by_owner_token(&self, presented: &str) -> Result<TenantScope, AccessError> {
        self.by_key(KeyKind::Owner, presented).await
    }

    async fn by_key(&self, kind: KeyKind, presented: &str) -> Result<TenantScope, AccessError> {
        let found = self.stores.credentials.find_api_key(&system(), &SecretDigest::of(presented)).await?;
        let is_good = |key: &ApiKey| key.kind == kind && key.is_live(self.clock.now());
        let key = found.filter(is_good).ok_or(AccessError::Unauthorized)?;
        self.admit(key.tenant_id, key.actor()).await
    }

    /// Lets a web page's visitor in.
    ///
    /// # Errors
    /// As [`Gate::by_api_key`], and [`AccessError::ForeignOrigin`] when the page's origin is not on the token's list.
    pub async fn by_widget_token(
        &self,
        presented: &str,
        origin: Option<&str>,
    ) -> Result<TenantScope, AccessError> {
        let found =
            self.stores.credentials.find_widget_token(&system(), &SecretDigest::of(presented)).await?;
        let token = found.filter(|token| token.is_live(self.clock.now())).ok_or(AccessError::Unauthorized)?;
        if !token.allows(origin) {
            return Err(AccessError::ForeignOrigin);
        }
        self.admit(token.tenant_id, Actor::Visitor { token: token.id }).await
    }

    /// Lets a visitor go on with a session, and returns the session as web chat knows it.
    ///
    /// # Errors
    /// As [`Gate::by_widget_token`], of the widget token that opened the session.
    pub async fn by_visitor_token(
        &self,
        presented: &str,
        origin: Option<&str>,
    ) -> Result<(TenantScope, String), AccessError> {
        let now = self.clock.now();
        let claims = self.tokens.verify_visitor(presented, now).map_err(|_| AccessError::Unauthorized)?;
        let scope = self.admit(claims.tenant, Actor::Visitor { token: claims.token }).await?;
        let tokens = self.stores.credentials.list_widget_tokens(&scope).await?;
        let token = tokens.into_iter().find(|token| token.id == claims.token && token.is_live(now));
        if !token.ok_or(AccessError::Unauthorized)?.allows(origin) {
            return Err(AccessError::ForeignOrigin);
        }
        Ok((scope, claims.visitor))
    }

    /// Tells whether naming a tenant is a credential here.
    pub fn trusts_business_id(&self) -> bool {
        self.operator.trusts_business_id
    }

    /// Lets in whoever names a tenant, where the operator's network vouches for all callers.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] unless the operator has said so; [`AccessError::UnknownTenant`] when there is no
    /// such tenant; [`AccessError::Suspended`] when it is suspended.
    pub async fn by_business_id(&self, tenant: TenantId) -> Result<TenantScope, AccessError> {
        if !self.operator.trusts_business_id {
            return Err(AccessError::Unauthorized);
        }
        self.admit(tenant, Actor::TrustedCaller).await.map_err(|error| match error {
            AccessError::Unauthorized => AccessError::UnknownTenant,
            other => other,
        })
    }

    /// Resolves the tenant of a webhook from the number that was written to.
    ///
    /// Call it only after the webhook's signature was verified. Returns `None` when no binding of a tenant that
    /// exists has the address, or when `owner` is given and the binding is another tenant's. A suspended tenant is
    /// resolved, and so is a binding that is switched off: what is written to it is stored and not answered, since
    /// STOP counts for all of the tenant's addresses.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn by_channel(
        &self,
        channel: Channel,
        address: &Address,
        owner: Option<TenantId>,
    ) -> Result<Option<(TenantScope, ChannelBinding)>, AccessError> {
        let platform = system();
        let Some(binding) = self.stores.channels.find_by_address(&platform, channel, address).await? else {
            return Ok(None);
        };
        if owner.is_some_and(|owner| owner != binding.tenant_id()) {
            return Ok(None);
        }
        let tenant = self.stores.tenants.find(&platform, binding.tenant_id()).await?;
        if tenant.is_none_or(|tenant| tenant.status() == TenantStatus::Deleted) {
            return Ok(None);
        }
        Ok(Some((TenantScope::mint(binding.tenant_id(), Actor::Carrier), binding)))
    }

    /// Tells whether an address is one of our own, whether or not its binding is switched on: two of our numbers must never
    /// answer one another.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_own_address(&self, channel: Channel, address: &Address) -> Result<bool, AccessError> {
        Ok(self.stores.channels.has_address(&system(), channel, address).await?)
    }

    /// Resolves the tenant that one of our own numbers belongs to, whether or not the binding is switched on: a
    /// delivery report may come after that.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn by_own_address(
        &self,
        channel: Channel,
        address: &Address,
    ) -> Result<Option<TenantScope>, AccessError> {
        let binding = self.stores.channels.find_by_address(&system(), channel, address).await?;
        Ok(binding.map(|binding| TenantScope::mint(binding.tenant_id(), Actor::Carrier)))
    }

    /// Resolves the tenant of a verified webhook that names no number, such as a delivery report.
    ///
    /// `verified` is the owner of the account whose token signed the webhook.
    pub fn by_verified_account(&self, verified: TenantId) -> TenantScope {
        TenantScope::mint(verified, Actor::Carrier)
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
        let found = self.stores.tenants.find(platform, tenant).await?;
        Ok(found.map(|tenant| (platform.tenant(tenant.id()), tenant)))
    }

    async fn admit(&self, tenant: TenantId, actor: Actor) -> Result<TenantScope, AccessError> {
        let found = self.stores.tenants.find(&system(), tenant).await?;
        match found.map(|tenant| tenant.status()) {
            Some(TenantStatus::Active) => Ok(TenantScope::mint(tenant, actor)),
            Some(TenantStatus::Suspended) => Err(AccessError::Suspended),
            Some(TenantStatus::Deleted) | None => Err(AccessError::Unauthorized),
        }
    }
}

fn system() -> PlatformScope {
    PlatformScope::mint(Actor::System)
}
