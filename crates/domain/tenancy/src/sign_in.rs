//! Members sign in, stay signed in, and sign out.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{Clock, Entropy, IdGenerator, SessionId, StoreError, TenantId, Timestamp};

use crate::{
    AccessClaims, AccessError, Actor, EmailAddress, Member, MemberStatus, MemberStore, PasswordHasher,
    PlatformScope, RefreshClaims, Rotation, SecretDigest, SecretText, Session, SessionEnd, TenancyError,
    TenantScope, TenantStatus, TenantStore, TokenError, TokenSigner, secret::make_secret,
};

/// In so many tenants somebody may be a member with one e-mail address and still sign in without naming one: a
/// password is checked for each. Of more than that it is checked for none.
const MOST_TENANTS: usize = 5;

/// What a member gets who has signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The member.
    pub member: Member,
    /// Goes in `Authorization: Bearer`.
    pub access_token: SecretText,
    /// How long the access token is good, in seconds.
    pub expires_in: i64,
    /// Is exchanged, once, for the next two.
    pub refresh_token: SecretText,
    /// Whether the password was tried on other members with the same address, too: of them nothing was proved.
    pub others_tried: bool,
}

/// What signing in needs.
pub struct SignIn {
    /// Whom they work for.
    pub tenants: Arc<dyn TenantStore>,
    /// Who they are.
    pub members: Arc<dyn MemberStore>,
    /// Checks passwords.
    pub passwords: Arc<dyn PasswordHasher>,
    /// Signs access and refresh tokens.
    pub tokens: Arc<dyn TokenSigner>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl SignIn {
    /// How long an access token is good.
    pub const ACCESS: TimeDelta = TimeDelta::minutes(15);
    /// How long a member stays signed in at most.
    pub const SESSION: TimeDelta = TimeDelta::days(30);
    /// The longest password that is looked at, in bytes.
    pub const LONGEST_PASSWORD: usize = 1024;

    /// Signs a member in.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] alike for an unknown address, a wrong password, a disabled member, one who is changed
    /// meanwhile, and an address with members in too many tenants of which none was named; [`AccessError::Suspended`] when
    /// the tenant is; [`TenancyError::Invalid`] with the field `tenant_id` when the address and password are good in several
    /// tenants and none was named; or when a store or the hasher fails.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &SecretText,
        tenant: Option<TenantId>,
    ) -> Result<SignedIn, TenancyError> {
        let (member, others_tried) = self.authenticate(email, password, tenant).await?;
        self.serves(member.tenant_id).await?;
        let (id, now) = (SessionId::new(self.ids.next()), self.clock.now());
        let (refresh_token, digest) = self.next_refresh_token(id, now + Self::SESSION)?;
        let session = Session {
            id,
            tenant_id: member.tenant_id,
            member_id: member.id,
            token: digest,
            created_at: now,
            expires_at: now + Self::SESSION,
            ended: None,
        };
        let opened = self.members.open_session(&scope_of(&member, id), &session, member.version).await;
        opened.map_err(|error| match error {
            // What was verified is the password no more, or the member was disabled meanwhile.
            StoreError::Conflict => AccessError::Unauthorized.into(),
            error => TenancyError::from(error),
        })?;
        Ok(SignedIn { others_tried, ..self.signed_in(member, &session, refresh_token)? })
    }

    /// Exchanges a refresh token for a new one and a new access token. A token that comes a second time ends the whole
    /// session: one of the two who have it is a thief. What was never given to anybody ends nothing, whoever knows the
    /// session's id: only what was signed here gets as far as the session.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when the token was not signed here or is not the session's last, or the session has
    /// ended; [`AccessError::Suspended`] when the tenant is, and then the token stays good; or when a store fails.
    pub async fn refresh(&self, presented: &str) -> Result<SignedIn, TenancyError> {
        let unauthorized = || TenancyError::from(AccessError::Unauthorized);
        let claims = self.tokens.verify_refresh(presented, self.clock.now()).map_err(|_| unauthorized())?;
        let id = claims.session;
        let found = self.members.find_session(&PlatformScope::mint(Actor::System), id).await?;
        let (session, member) = found.ok_or_else(unauthorized)?;
        self.serves(member.tenant_id).await?;
        let (refresh_token, next) = self.next_refresh_token(id, session.expires_at)?;
        let (scope, presented) = (scope_of(&member, id), SecretDigest::of(presented));
        match self.members.rotate_session(&scope, id, &presented, &next, self.clock.now()).await? {
            Rotation::Rotated if member.status == MemberStatus::Active => {
                self.signed_in(member, &session, refresh_token)
            }
            Rotation::Rotated | Rotation::Reused | Rotation::Gone => Err(unauthorized()),
        }
    }

    /// Signs the acting member out.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when the scope is no member's; or when the store fails.
    pub async fn sign_out(&self, scope: &TenantScope) -> Result<(), TenancyError> {
        let Actor::Member { session, .. } = scope.actor() else {
            return Err(AccessError::Unauthorized.into());
        };
        self.members.end_session(scope, *session, SessionEnd::SignedOut, self.clock.now()).await?;
        Ok(())
    }

    /// Finds the one member whom an address and a password name, and tells whether the password was tried on others.
    /// Whatever is wrong takes the time of a check.
    async fn authenticate(
        &self,
        email: &str,
        password: &SecretText,
        tenant: Option<TenantId>,
    ) -> Result<(Member, bool), TenancyError> {
        if password.expose().len() > Self::LONGEST_PASSWORD {
            return Err(AccessError::Unauthorized.into());
        }
        let mut candidates = Vec::new();
        if let Some(email) = EmailAddress::parse(email) {
            let platform = PlatformScope::mint(Actor::System);
            // One more than may be checked, and those of one tenant are found among all.
            let most = if tenant.is_some() { usize::MAX } else { MOST_TENANTS + 1 };
            candidates = self.members.find_by_email(&platform, &email, most).await?;
        }
        candidates.retain(|member| tenant.is_none_or(|tenant| tenant == member.tenant_id));
        if candidates.is_empty() || candidates.len() > MOST_TENANTS {
            // Whoever owns no password learns nothing of an address, so too many are refused as none is.
            candidates.clear();
            self.passwords.verify_nobody(password).await?;
        }
        let others_tried = candidates.len() > 1;
        let mut good = Vec::new();
        for member in candidates {
            if self.passwords.verify(password, &member.password).await? {
                good.push(member);
            }
        }
        if good.len() > 1 {
            return Err(tenant_needed());
        }
        let member = good.pop().ok_or(AccessError::Unauthorized)?;
        Ok((member, others_tried))
    }

    /// Makes sure that members of a tenant are let in.
    async fn serves(&self, tenant: TenantId) -> Result<(), TenancyError> {
        let found = self.tenants.find(&PlatformScope::mint(Actor::System), tenant).await?;
        match found.map(|tenant| tenant.status()) {
            Some(TenantStatus::Active) => Ok(()),
            Some(TenantStatus::Suspended) => Err(AccessError::Suspended.into()),
            Some(TenantStatus::Deleted) | None => Err(AccessError::Unauthorized.into()),
        }
    }

    fn next_refresh_token(
        &self,
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<(SecretText, SecretDigest), TenancyError> {
        let secret = make_secret("", &*self.entropy).map_err(TenancyError::Entropy)?;
        let claims = RefreshClaims { session, secret, issued_at: self.clock.now(), expires_at };
        let token = self.tokens.sign_refresh(&claims).map_err(unsigned)?;
        let digest = SecretDigest::of(token.expose());
        Ok((token, digest))
    }

    fn signed_in(
        &self,
        member: Member,
        session: &Session,
        refresh_token: SecretText,
    ) -> Result<SignedIn, TenancyError> {
        let now = self.clock.now();
        let claims = AccessClaims {
            member: member.id,
            tenant: member.tenant_id,
            session: session.id,
            issued_at: now,
            expires_at: (now + Self::ACCESS).min(session.expires_at),
        };
        let access_token = self.tokens.sign_access(&claims).map_err(unsigned)?;
        let expires_in = (claims.expires_at - now).num_seconds();
        Ok(SignedIn { member, access_token, expires_in, refresh_token, others_tried: false })
    }
}

pub(crate) fn unsigned(error: TokenError) -> TenancyError {
    TenancyError::Credential(error.into())
}

fn scope_of(member: &Member, session: SessionId) -> TenantScope {
    TenantScope::mint(member.tenant_id, member.acting(session))
}

fn tenant_needed() -> TenancyError {
    TenancyError::Invalid {
        field: "tenant_id",
        message:
            "you are a member of several businesses with this e-mail address; name the one to sign in to"
                .into(),
    }
}
