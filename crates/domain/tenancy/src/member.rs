//! The people who work for a tenant, and how long they stay signed in.

use kernel::{MemberId, SessionId, TenantId, Timestamp};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Actor, EmailAddress, Role, SecretDigest, TenancyError};

/// Whether a member may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberStatus {
    /// May sign in.
    Active,
    /// May not, and is signed out everywhere.
    Disabled,
}

impl MemberStatus {
    /// Every status there is.
    pub const ALL: [Self; 2] = [Self::Active, Self::Disabled];

    /// Returns the name on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// Reads a name on the wire or in a store.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// A password's hash in the PHC string format, salt and costs included. Debug output hides it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a hash in, as a hasher made it or a store kept it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Gives the hash out, for stores and hashers.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A person who works for a tenant. One who works for two tenants is two members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The member's id.
    pub id: MemberId,
    /// Whom the member works for.
    pub tenant_id: TenantId,
    /// The address to sign in with; no two members of a tenant have the same one.
    pub email: EmailAddress,
    /// What the member is called.
    pub name: String,
    /// What the member may do.
    pub role: Role,
    /// Whether the member may sign in.
    pub status: MemberStatus,
    /// What the password is checked against.
    pub password: PasswordHash,
    /// When the member was added.
    pub created_at: Timestamp,
    /// The version that was read; a save of a stale one conflicts.
    pub version: i64,
}

impl Member {
    /// The longest name, in characters.
    pub const MAX_NAME: usize = 100;

    /// Tells whether the tenant is not without an owner while this member is there.
    pub fn is_active_owner(&self) -> bool {
        self.role == Role::Owner && self.status == MemberStatus::Active
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is empty, too long or holds control characters.
    pub fn parse_name(name: &str) -> Result<String, TenancyError> {
        let name = name.trim();
        let fits =
            (1..=Self::MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if fits {
            return Ok(name.to_owned());
        }
        let message = format!("give a name of 1 to {} characters without line breaks", Self::MAX_NAME);
        Err(TenancyError::Invalid { field: "name", message })
    }
}

/// Why a session has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The member has signed out.
    SignedOut,
    /// A refresh token came a second time: somebody has copied it.
    Reused,
    /// The member has another password, or was disabled.
    Revoked,
}

impl SessionEnd {
    /// Every reason there is.
    pub const ALL: [Self; 3] = [Self::SignedOut, Self::Reused, Self::Revoked];

    /// Returns the name in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Reused => "reused",
            Self::Revoked => "revoked",
        }
    }

    /// Reads a name in a store.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.as_str() == name)
    }
}

/// A sign-in of a member: the family of all refresh tokens that came of it, of which only the last is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// Whose member has signed in.
    pub tenant_id: TenantId,
    /// Who has signed in.
    pub member_id: MemberId,
    /// The digest of the refresh token that is good now.
    pub token: SecretDigest,
    /// When the member signed in.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When and why it was ended; `None` while it was not.
    pub ended: Option<(Timestamp, SessionEnd)>,
}

impl Session {
    /// Tells whether the session is good at a moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires_at
    }
}

/// What came of exchanging a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The next one is good now.
    Rotated,
    /// The presented one was not the last: the session was ended in the same step.
    Reused,
    /// The session is not live.
    Gone,
}

impl Member {
    /// Returns the member as somebody who acts, signed in by a session.
    pub(crate) fn acting(&self, session: SessionId) -> Actor {
        Actor::Member { id: self.id, session, role: self.role }
    }
}
