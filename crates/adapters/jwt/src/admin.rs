//! Tokens that the operator's command line signs with a key of its own, and the server only checks.

use chrono::TimeDelta;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use tenancy::{AdminTokenVerifier, SecretText, TokenError};

use crate::token::{Keys, Kind};

const ADMIN: Kind = Kind { issuer: "chatter-cheetah-cli", audience: "chatter-cheetah/admin" };

/// Signs and checks the operator's tokens with one key.
pub struct AdminTokens(Keys);

#[derive(Serialize, Deserialize)]
struct Admin {
    sub: String,
}

impl AdminTokens {
    /// The longest time for which a token may be good.
    pub const LONGEST: TimeDelta = TimeDelta::hours(1);

    /// Takes the key, of at least 32 bytes.
    pub fn new(key: &SecretText) -> Self {
        Self(Keys::of(key))
    }

    /// Signs a token for whoever `subject` names, good for `lifetime` and never longer than an hour.
    ///
    /// # Errors
    /// [`TokenError::Unsigned`].
    pub fn sign(&self, subject: &str, now: Timestamp, lifetime: TimeDelta) -> Result<SecretText, TokenError> {
        let own = Admin { sub: subject.to_owned() };
        ADMIN.sign(&self.0, own, (now, now + lifetime.min(Self::LONGEST)))
    }
}

impl AdminTokenVerifier for AdminTokens {
    fn verify_admin(&self, token: &str, now: Timestamp) -> Result<String, TokenError> {
        let claims = ADMIN.verify::<Admin>(&self.0, token, now)?;
        let lifetime = claims.expires_at - claims.issued_at;
        let names_somebody = (1..=100).contains(&claims.own.sub.chars().count())
            && !claims.own.sub.chars().any(char::is_control);
        if lifetime > Self::LONGEST || !names_somebody {
            return Err(TokenError::Invalid);
        }
        Ok(claims.own.sub)
    }
}
