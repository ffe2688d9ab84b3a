//! What a tenant's programs and web pages present to be let in. Only digests are kept.

use kernel::{ApiKeyId, TenantId, Timestamp, WidgetTokenId};

use crate::{Actor, Permissions, secret::SecretDigest};

/// Whether a key is for real use or for trying out; it shows in the key's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMode {
    /// `cc_live_…`
    Live,
    /// `cc_test_…`
    Test,
}

impl KeyMode {
    /// Returns the prefix of secrets of this mode.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Live => "cc_live_",
            Self::Test => "cc_test_",
        }
    }
}

/// For whom a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// For a program: `X-API-Key`.
    Program,
    /// For the owner, to look: `X-Owner-Token`.
    Owner,
}

impl KeyKind {
    /// Every kind there is.
    pub const ALL: [Self; 2] = [Self::Program, Self::Owner];

    /// Returns the name in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Owner => "owner",
        }
    }

    /// Reads a name in a store.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A tenant's API key or owner token. The secret itself is shown once and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The key's id.
    pub id: ApiKeyId,
    /// Whose key it is.
    pub tenant_id: TenantId,
    /// For whom it is.
    pub kind: KeyKind,
    /// What the tenant calls it.
    pub name: String,
    /// The secret's digest.
    pub digest: SecretDigest,
    /// What it may do.
    pub scopes: Permissions,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working by itself; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked; `None` while it was not.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Tells whether it works at a moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        is_live(self.revoked_at, self.expires_at, now)
    }

    /// Returns whoever presents it as somebody who acts.
    pub fn actor(&self) -> Actor {
        match self.kind {
            KeyKind::Program => {
                Actor::ApiKey { id: self.id, scopes: self.scopes, expires_at: self.expires_at }
            }
            KeyKind::Owner => Actor::OwnerToken { id: self.id },
        }
    }
}

fn is_live(revoked_at: Option<Timestamp>, expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    revoked_at.is_none() && expires_at.is_none_or(|at| now < at)
}

/// A token for a web page's chat. The secret itself is shown once and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidgetToken {
    /// The token's id.
    pub id: WidgetTokenId,
    /// Whose token it is.
    pub tenant_id: TenantId,
    /// What the tenant calls it.
    pub name: String,
    /// The secret's digest.
    pub digest: SecretDigest,
    /// Web origins that may use it, such as `https://example.com`, or [`ANY_ORIGIN`](Self::ANY_ORIGIN). Where there is
    /// none, no page may.
    pub allowed_origins: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working by itself; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked; `None` while it was not.
    pub revoked_at: Option<Timestamp>,
}

impl WidgetToken {
    /// What stands for every origin among those that may use a token.
    pub const ANY_ORIGIN: &str = "*";

    /// Tells whether it works at a moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        is_live(self.revoked_at, self.expires_at, now)
    }

    /// Tells whether a request from this origin may use the token.
    ///
    /// A request without an origin is no browser's; the token alone decides.
    pub fn allows(&self, origin: Option<&str>) -> bool {
        let Some(origin) = origin else { return true };
        self.allowed_origins
            .iter()
            .any(|allowed| allowed == Self::ANY_ORIGIN || allowed.eq_ignore_ascii_case(origin))
    }
}
