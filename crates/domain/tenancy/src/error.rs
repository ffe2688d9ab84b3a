//! What can go wrong when a tenant is managed, and why a caller is not let in.

use kernel::StoreError;

use crate::{HashError, Permission, vault::VaultError};

/// Why a use case of this crate did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum TenancyError {
    /// There is no such thing, or it is another tenant's: the two answer alike.
    #[error("{what} not found")]
    NotFound {
        /// The kind of thing, in glossary words.
        what: &'static str,
    },
    /// A field holds what it must not.
    #[error("{field}: {message}")]
    Invalid {
        /// The field's wire name.
        field: &'static str,
        /// What is wrong and how to mend it.
        message: String,
    },
    /// The password is not the one that the acting member has.
    #[error("this is not your present password")]
    WrongPassword,
    /// Somebody, perhaps another tenant, has it already.
    #[error("{what} is taken")]
    Taken {
        /// The kind of thing, in glossary words.
        what: &'static str,
    },
    /// Another key has taken this one's place.
    #[error("another key has taken this key's place")]
    KeyRotated,
    /// Nobody else owns the business.
    #[error("the last active owner stays one")]
    LastOwner,
    /// The caller may not do this.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// More passwords are being checked than there is room for.
    #[error("too many passwords are being checked")]
    Busy,
    /// A password could not be hashed or a token signed.
    #[error("a credential cannot be made")]
    Credential(#[source] kernel::BoxError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// A secret could not be sealed or opened.
    #[error("the vault failed")]
    Vault(#[from] VaultError),
    /// No random bytes could be had.
    #[error("no randomness")]
    Entropy(#[source] kernel::BoxError),
}

impl From<HashError> for TenancyError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Busy,
            HashError::Failed(source) => Self::Credential(source),
        }
    }
}

/// Why a caller is not let in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// No credential, or one that is unknown, revoked or expired.
    #[error("no valid credential")]
    Unauthorized,
    /// The credential is good, and the page that presents it is not on its list.
    #[error("the origin is not allowed")]
    ForeignOrigin,
    /// The credential is good, and only the operator may do this.
    #[error("only the operator may do this")]
    OperatorOnly,
    /// The credential is good, and does not reach this far.
    #[error("the permission {} is needed", .0.as_str())]
    Lacks(Permission),
    /// The credential is good, and only an owner may do this.
    #[error("only an owner may do this")]
    OwnerOnly,
    /// There is no such tenant.
    #[error("there is no such tenant")]
    UnknownTenant,
    /// The credential is good, and its tenant is suspended.
    #[error("the tenant is suspended")]
    Suspended,
    /// The credential could not be looked up. Nobody is let in meanwhile.
    #[error("the store failed")]
    Store(#[from] StoreError),
}
