//! What a tenant's programs and web pages present to be let in. Only digests are kept.

use kernel::{ApiKeyId, TenantId, Timestamp, WidgetTokenId};

use crate::secret::SecretDigest;

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

/// A tenant's API key. The secret itself is shown once and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The key's id.
    pub id: ApiKeyId,
    /// Whose key it is.
    pub tenant_id: TenantId,
    /// What the tenant calls it.
    pub name: String,
    /// The secret's digest.
    pub digest: SecretDigest,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stopped working; `None` while it works.
    pub revoked_at: Option<Timestamp>,
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
    /// Web origins that may use it, such as `https://example.com`; empty for any.
    pub allowed_origins: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stopped working; `None` while it works.
    pub revoked_at: Option<Timestamp>,
}

impl WidgetToken {
    /// Tells whether a request from this origin may use the token.
    ///
    /// A request without an origin is no browser's; the token alone decides.
    pub fn allows(&self, origin: Option<&str>) -> bool {
        let Some(origin) = origin else { return true };
        self.allowed_origins.is_empty()
            || self.allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }
}
