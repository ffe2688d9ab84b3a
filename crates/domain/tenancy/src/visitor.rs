//! Visitors of a tenant's web page: a session that only they can go on with.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use kernel::{Clock, Entropy, Timestamp};

use crate::{
    AccessError, Actor, Address, SecretText, TenancyError, TenantScope, TokenSigner, VisitorClaims,
    sign_in::unsigned,
};

/// How the sessions begin that are opened here.
const PREFIX: &str = "v-";

/// A visitor's new session.
#[derive(Debug)]
pub struct VisitorSession {
    /// Goes in `X-Visitor-Token`.
    pub token: SecretText,
    /// The session, as web chat knows it.
    pub visitor: String,
    /// Until when the token is good.
    pub expires_at: Timestamp,
}

/// Opens sessions for visitors.
pub struct OpenVisitorSession {
    tokens: Arc<dyn TokenSigner>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl OpenVisitorSession {
    /// How long a session is good.
    pub const SESSION: TimeDelta = TimeDelta::hours(24);

    /// Makes the use case.
    pub fn new(tokens: Arc<dyn TokenSigner>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { tokens, clock, entropy }
    }

    /// Tells whether a session may have been opened here: then only its visitor token lets anybody into it. What pages
    /// make up begins otherwise.
    pub fn is_opened_here(session: &Address) -> bool {
        matches!(session, Address::Session(name) if name.starts_with(PREFIX))
    }

    /// Opens a session for a visitor whom a widget token has let in.
    ///
    /// # Errors
    /// [`AccessError::Unauthorized`] when none has; or when randomness or the signer fails.
    pub fn open(&self, scope: &TenantScope) -> Result<VisitorSession, TenancyError> {
        let Actor::Visitor { token } = scope.actor() else {
            return Err(AccessError::Unauthorized.into());
        };
        let mut bytes = [0_u8; 24];
        self.entropy.fill(&mut bytes).map_err(TenancyError::Entropy)?;
        let now = self.clock.now();
        let claims = VisitorClaims {
            tenant: scope.tenant_id(),
            token: *token,
            visitor: format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)),
            issued_at: now,
            expires_at: now + Self::SESSION,
        };
        let token = self.tokens.sign_visitor(&claims).map_err(unsigned)?;
        Ok(VisitorSession { token, visitor: claims.visitor, expires_at: claims.expires_at })
    }
}
