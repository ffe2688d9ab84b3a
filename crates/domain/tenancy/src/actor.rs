//! Who acts: what a scope carries, what a change is recorded under, and what decides what may be done.

use std::fmt;

use kernel::{ApiKeyId, MemberId, SessionId, Timestamp, WidgetTokenId};

use crate::{Permissions, Role};

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person who works for the tenant.
    Member {
        /// Who.
        id: MemberId,
        /// Signed in by which session.
        session: SessionId,
        /// In which role, as it is now.
        role: Role,
    },
    /// A tenant's program.
    ApiKey {
        /// By which key.
        id: ApiKeyId,
        /// What the key may do.
        scopes: Permissions,
        /// When the key stops working by itself; `None` for never.
        expires_at: Option<Timestamp>,
    },
    /// Whoever holds the owner's token.
    OwnerToken {
        /// Which token.
        id: ApiKeyId,
    },
    /// A visitor of a tenant's web page.
    Visitor {
        /// Let in by which widget token.
        token: WidgetTokenId,
    },
    /// A caller that the operator's own network vouches for.
    TrustedCaller,
    /// Whoever runs the installation.
    Operator(OperatorAccess),
    /// A carrier whose webhook was verified.
    Carrier,
    /// The server itself.
    System,
}

/// How the operator was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorAccess {
    /// By the platform's admin key.
    Key,
    /// By signing in on a page.
    Session,
    /// By a short-lived token that the command line signed.
    Token {
        /// Whom the token names.
        subject: String,
    },
}

impl Actor {
    /// Returns what the actor may do with what belongs to the tenant at hand.
    pub fn permissions(&self) -> Permissions {
        match self {
            Self::Member { role, .. } => role.permissions(),
            Self::ApiKey { scopes, .. } => *scopes,
            Self::OwnerToken { .. } => Permissions::of_owner_tokens(),
            Self::TrustedCaller => Permissions::of_programs(),
            Self::Operator(_) | Self::System => Permissions::all(),
            Self::Visitor { .. } | Self::Carrier => Permissions::NONE,
        }
    }

    /// Tells whether changes by this actor belong into the audit log: people, programs and operators do; what
    /// customers say and the server does by itself is recorded where it happens.
    pub fn is_audited(&self) -> bool {
        !matches!(self, Self::Visitor { .. } | Self::Carrier | Self::System)
    }
}

/// The actor as the audit log names it: `member:0190…`, `operator:key`.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member { id, .. } => write!(f, "member:{id}"),
            Self::ApiKey { id, .. } => write!(f, "api_key:{id}"),
            Self::OwnerToken { id } => write!(f, "owner_token:{id}"),
            Self::Visitor { token } => write!(f, "widget_token:{token}"),
            Self::TrustedCaller => f.write_str("trusted_caller"),
            Self::Operator(OperatorAccess::Key) => f.write_str("operator:key"),
            Self::Operator(OperatorAccess::Session) => f.write_str("operator:session"),
            Self::Operator(OperatorAccess::Token { subject }) => write!(f, "operator:token:{subject}"),
            Self::Carrier => f.write_str("carrier"),
            Self::System => f.write_str("system"),
        }
    }
}
