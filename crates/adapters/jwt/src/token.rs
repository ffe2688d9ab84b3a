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
struct Registered<Own> {
    iss: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(flatten)]
    own: Own,
}

/// What a good token said.
pub(crate) struct Verified<Own> {
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) own: Own,
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
    ) -> Result<Verified<Own>, TokenError> {
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
        let (issued_at, good_from, expires_at) = (time(claims.iat)?, time(claims.nbf)?, time(claims.exp)?);
        if now >= expires_at {
            return Err(TokenError::Expired);
        }
        if now + SKEW < issued_at.max(good_from) {
            return Err(TokenError::Invalid);
        }
        Ok(Verified { issued_at, expires_at, own: claims.own })
    }
}

/// Reads a time; one that no clock shows makes the token no good.
fn time(seconds: i64) -> Result<Timestamp, TokenError> {
    DateTime::from_timestamp(seconds, 0).ok_or(TokenError::Invalid)
}
