//! A hasher that hashes nothing and a signer that signs nothing: tests of use cases need neither slow nor safe.

use async_trait::async_trait;
use chrono::DateTime;
use kernel::{MemberId, SessionId, TenantId, Timestamp, WidgetTokenId};

use crate::{
    AccessClaims, AdminTokenVerifier, HashError, PasswordHash, PasswordHasher, RefreshClaims, SecretText,
    TokenError, TokenSigner, VisitorClaims,
};

/// Keeps passwords as they are.
#[derive(Debug, Default)]
pub struct PlainPasswordHasher;

#[async_trait]
impl PasswordHasher for PlainPasswordHasher {
    async fn hash(&self, password: &SecretText) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::new(format!("plain:{}", password.expose())))
    }

    async fn verify(&self, password: &SecretText, hash: &PasswordHash) -> Result<bool, HashError> {
        Ok(hash.expose() == format!("plain:{}", password.expose()))
    }

    async fn verify_nobody(&self, _: &SecretText) -> Result<(), HashError> {
        Ok(())
    }
}

/// Writes claims in plain text, which anybody could write.
#[derive(Debug, Default)]
pub struct PlainTokenSigner;

impl TokenSigner for PlainTokenSigner {
    fn sign_access(&self, claims: &AccessClaims) -> Result<SecretText, TokenError> {
        let AccessClaims { member, tenant, session, .. } = claims;
        Ok(sign("access", &format!("{member} {tenant} {session}"), claims.issued_at, claims.expires_at))
    }

    fn verify_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        let (rest, issued_at, expires_at) = read("access", token, now)?;
        let mut parts = rest.split(' ');
        let mut next = || parts.next().and_then(|part| part.parse().ok()).ok_or(TokenError::Invalid);
        let (member, tenant, session) =
            (MemberId::new(next()?), TenantId::new(next()?), SessionId::new(next()?));
        Ok(AccessClaims { member, tenant, session, issued_at, expires_at })
    }

    fn sign_refresh(&self, claims: &RefreshClaims) -> Result<SecretText, TokenError> {
        let RefreshClaims { session, secret, .. } = claims;
        Ok(sign("refresh", &format!("{session} {secret}"), claims.issued_at, claims.expires_at))
    }

    fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenError> {
        let (rest, issued_at, expires_at) = read("refresh", token, now)?;
        let (session, secret) = rest.split_once(' ').ok_or(TokenError::Invalid)?;
        let session = session.parse().map(SessionId::new).map_err(|_| TokenError::Invalid)?;
        Ok(RefreshClaims { session, secret: secret.to_owned(), issued_at, expires_at })
    }

    fn sign_visitor(&self, claims: &VisitorClaims) -> Result<SecretText, TokenError> {
        let VisitorClaims { tenant, token, visitor, .. } = claims;
        Ok(sign("visitor", &format!("{tenant} {token} {visitor}"), claims.issued_at, claims.expires_at))
    }

    fn verify_visitor(&self, token: &str, now: Timestamp) -> Result<VisitorClaims, TokenError> {
        let (rest, issued_at, expires_at) = read("visitor", token, now)?;
        let mut parts = rest.splitn(3, ' ');
        let mut next = || parts.next().ok_or(TokenError::Invalid);
        let id = |text: &str| text.parse().map_err(|_| TokenError::Invalid);
        let (tenant, token) = (TenantId::new(id(next()?)?), WidgetTokenId::new(id(next()?)?));
        Ok(VisitorClaims { tenant, token, visitor: next()?.to_owned(), issued_at, expires_at })
    }
}

impl AdminTokenVerifier for PlainTokenSigner {
    fn verify_admin(&self, token: &str, now: Timestamp) -> Result<String, TokenError> {
        read("admin", token, now).map(|(subject, ..)| subject.to_owned())
    }
}

impl PlainTokenSigner {
    /// Writes a token as the operator's command line would.
    pub fn admin_token(subject: &str, issued_at: Timestamp, expires_at: Timestamp) -> SecretText {
        sign("admin", subject, issued_at, expires_at)
    }
}

fn sign(kind: &str, claims: &str, issued_at: Timestamp, expires_at: Timestamp) -> SecretText {
    let (from, until) = (issued_at.timestamp_micros(), expires_at.timestamp_micros());
    SecretText::new(format!("{kind} {from} {until} {claims}"))
}

fn read<'a>(
    kind: &str,
    token: &'a str,
    now: Timestamp,
) -> Result<(&'a str, Timestamp, Timestamp), TokenError> {
    let rest = token.strip_prefix(kind).and_then(|rest| rest.strip_prefix(' ')).ok_or(TokenError::Invalid)?;
    let mut parts = rest.splitn(3, ' ');
    let mut next = || parts.next().ok_or(TokenError::Invalid);
    let time =
        |text: &str| text.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(TokenError::Invalid);
    let (issued_at, expires_at, claims) = (time(next()?)?, time(next()?)?, next()?);
    if now >= expires_at { Err(TokenError::Expired) } else { Ok((claims, issued_at, expires_at)) }
}
