//! The operator signs in on a page, and out.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{Clock, Entropy, Timestamp};

use crate::{
    AccessError, Actor, AdminSessionStore, OperatorAccess, PlatformScope, SecretDigest, SecretText,
    TenancyError, secret::make_secret,
};

/// With what the operator signs in.
#[derive(Clone, Debug)]
pub struct AdminLogin {
    /// The name.
    pub username: String,
    /// The password, which the operator's environment holds.
    pub password: SecretText,
}

impl AdminLogin {
    /// Returns by what a session is known that was begun with this login: with another name or password, or none, it is
    /// known no more.
    pub(crate) fn digest_of(&self, secret: &str) -> SecretDigest {
        SecretDigest::of(&[secret, &self.username, self.password.expose()].join("\n"))
    }
}

/// The operator's new session.
#[derive(Debug)]
pub struct AdminSession {
    /// What the operator's browser keeps.
    pub secret: SecretText,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// Signs the operator in and out. Without a configured password nobody is let in.
pub struct AdminSignIn {
    sessions: Arc<dyn AdminSessionStore>,
    login: Option<AdminLogin>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl AdminSignIn {
    /// How long the operator stays signed in.
    pub const SESSION: TimeDelta = TimeDelta::hours(24);

    /// Makes the use case.
    pub fn new(
        sessions: Arc<dyn AdminSessionStore>,
        login: Option<AdminLogin>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { sessions, login, clock, entropy }
    }

    /// Signs the operator in.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when the name or the password is wrong, or none is configured; or when randomness or
    /// the store fails.
    pub async fn sign_in(&self, username: &str, password: &str) -> Result<AdminSession, TenancyError> {
        let login = self.login.as_ref().ok_or(AccessError::Unauthorized)?;
        // Both are compared as digests and to the end: how long it takes says nothing.
        let same = |given: &str, known: &str| SecretDigest::of(given).matches(&SecretDigest::of(known));
        let (name, word) = (same(username, &login.username), same(password, login.password.expose()));
        if !(name & word) {
            return Err(AccessError::Unauthorized.into());
        }
        let secret = make_secret("cc_admin_", &*self.entropy).map_err(TenancyError::Entropy)?;
        let now = self.clock.now();
        let platform = PlatformScope::mint(Actor::Operator(OperatorAccess::Session));
        let expires_at = now + Self::SESSION;
        self.sessions.open(&platform, &login.digest_of(&secret), now, expires_at).await?;
        Ok(AdminSession { secret: SecretText::new(secret), expires_at })
    }

    /// Signs the operator out.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when no password is configured; or when the store fails.
    pub async fn sign_out(&self, platform: &PlatformScope, presented: &str) -> Result<(), TenancyError> {
        let login = self.login.as_ref().ok_or(AccessError::Unauthorized)?;
        Ok(self.sessions.end(platform, &login.digest_of(presented), self.clock.now()).await?)
    }
}
