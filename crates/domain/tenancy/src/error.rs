//! What can go wrong when a tenant is managed, and why a caller is not let in.

use kernel::StoreError;

use crate::vault::VaultError;

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
    /// Somebody, perhaps another tenant, has it already.
    #[error("{what} is taken")]
    Taken {
        /// The kind of thing, in glossary words.
        what: &'static str,
    },
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

/// Why a caller is not let in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// No credential, or one that is unknown, revoked or expired.
    #[error("no valid credential")]
    Unauthorized,
    /// The credential is good, and does not reach this far.
    #[error("not allowed")]
    Forbidden,
    /// The credential is good, and its tenant is suspended.
    #[error("the tenant is suspended")]
    Suspended,
    /// The credential could not be looked up. Nobody is let in meanwhile.
    #[error("the store failed")]
    Store(#[from] StoreError),
}
