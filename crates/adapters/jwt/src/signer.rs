//! The server's own tokens: of members, by which they stay signed in, and of visitors.

use kernel::{MemberId, SessionId, TenantId, Timestamp, WidgetTokenId};
use serde::{Deserialize, Serialize};
use tenancy::{AccessClaims, RefreshClaims, SecretText, TokenError, TokenSigner, VisitorClaims};

use crate::token::{Keys, Kind};

const ISSUER: &str = "chatter-cheetah";
const ACCESS: Kind = Kind { issuer: ISSUER, audience: "chatter-cheetah/api" };
const REFRESH: Kind = Kind { issuer: ISSUER, audience: "chatter-cheetah/refresh" };
const VISITOR: Kind = Kind { issuer: ISSUER, audience: "chatter-cheetah/chat" };

/// Signs members' and visitors' tokens with one secret.
pub struct JwtSigner(Keys);

impl JwtSigner {
    /// Takes the secret, of at least 32 bytes.
    pub fn new(secret: &SecretText) -> Self {
        Self(Keys::of(secret))
    }
}

#[derive(Serialize, Deserialize)]
struct Access {
    sub: MemberId,
    tenant_id: TenantId,
    sid: SessionId,
}

#[derive(Serialize, Deserialize)]
struct Refresh {
    sid: SessionId,
    jti: String,
}

#[derive(Serialize, Deserialize)]
struct Visitor {
    sub: String,
    tenant_id: TenantId,
    widget_token_id: WidgetTokenId,
}

impl TokenSigner for JwtSigner {
    fn sign_access(&self, claims: &AccessClaims) -> Result<SecretText, TokenError> {
        let own = Access { sub: claims.member, tenant_id: claims.tenant, sid: claims.session };
        ACCESS.sign(&self.0, own, (claims.issued_at, claims.expires_at))
    }

    fn verify_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        let claims = ACCESS.verify::<Access>(&self.0, token, now)?;
        Ok(AccessClaims {
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            member: claims.own.sub,
            tenant: claims.own.tenant_id,
            session: claims.own.sid,
        })
    }

    fn sign_refresh(&self, claims: &RefreshClaims) -> Result<SecretText, TokenError> {
        let own = Refresh { sid: claims.session, jti: claims.secret.clone() };
        REFRESH.sign(&self.0, own, (claims.issued_at, claims.expires_at))
    }

    fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenError> {
        let claims = REFRESH.verify::<Refresh>(&self.0, token, now)?;
        Ok(RefreshClaims {
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            session: claims.own.sid,
            secret: claims.own.jti,
        })
    }

    fn sign_visitor(&self, claims: &VisitorClaims) -> Result<SecretText, TokenError> {
        let own =
            Visitor { sub: claims.visitor.clone(), tenant_id: claims.tenant, widget_token_id: claims.token };
        VISITOR.sign(&self.0, own, (claims.issued_at, claims.expires_at))
    }

    fn verify_visitor(&self, token: &str, now: Timestamp) -> Result<VisitorClaims, TokenError> {
        let claims = VISITOR.verify::<Visitor>(&self.0, token, now)?;
        Ok(VisitorClaims {
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            tenant: claims.own.tenant_id,
            token: claims.own.widget_token_id,
            visitor: claims.own.sub,
        })
    }
}
