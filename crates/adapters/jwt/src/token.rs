//! One kind of token: how it is signed, and what is refused.

use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use kernel::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tenancy::{SecretText, TokenError};

/// Clocks of several machines differ by so much at most.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// The keys with which one secret signs and checks.
#[derive(Clone)]
pub(crate) struct Keys {
    signing: EncodingKey,
    checking: DecodingKey,
}

impl Keys {
    pub(crate) fn of(secret: &SecretText) -> Self {
        let bytes = secret.expose().as_bytes();
        Self { signing: EncodingKey::from_secret(bytes), checking: DecodingKey::from_secret(bytes) }
    }
}

/// What every token says, with what its kind adds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Registered<Own> {
    iss: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(flatten)]
    pub(crate) own: Own,
}

impl<Own> Registered<Own> {
    pub(crate) fn issued_at(&self) -> Timestamp {
        time(self.iat)
    }

    pub(crate) fn expires_at(&self) -> Timestamp {
        time(self.exp)
    }
}

/// A kind of token: who signs it, and for what.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) issuer: &'static str,
    pub(crate) audience: &'static str,
}

impl Kind {
    pub(crate) fn sign<Own: Serialize>(
        self,
        keys: &Keys,
        own: Own,
        (issued_at, expires_at): (Timestamp, Timestamp),
    ) -> Result<SecretText, TokenError> {
        let (iat, exp) = (issued_at.timestamp(), expires_at.timestamp());
        let (iss, aud) = (self.issuer.to_owned(), self.audience.to_owned());
        let claims = Registered { iss, aud, iat, nbf: iat, exp, own };
        let token = encode(&Header::new(Algorithm::HS256), &claims, &keys.signing);
        token.map(SecretText::new).map_err(|error| TokenError::Unsigned(error.into()))
    }

    pub(crate) fn verify<Own: DeserializeOwned>(
        self,
        keys: &Keys,
        token: &str,
        now: Timestamp,
    ) -> Result<Registered<Own>, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        // There is one key, and no token says which.
        if header.kid.is_some() {
            return Err(TokenError::Invalid);
        }
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud"]);
        rules.set_issuer(&[self.issuer]);
        rules.set_audience(&[self.audience]);
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let claims = decode::<Registered<Own>>(token, &keys.checking, &rules);
        let claims = claims.map_err(|_| TokenError::Invalid)?.claims;
        if now >= time(claims.exp) {
            return Err(TokenError::Expired);
        }
        if now + SKEW < time(claims.nbf.max(claims.iat)) { Err(TokenError::Invalid) } else { Ok(claims) }
    }
}

/// A time that no clock reaches where the token's is none.
fn time(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH)
}
