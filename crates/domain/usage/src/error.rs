//! What can go wrong when usage is read, priced or limited.

use kernel::StoreError;

/// Why a use case of this crate did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
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
    /// The prices of models are not written as they must be. It names the model and the line.
    #[error("the prices cannot be read: {0}")]
    Prices(#[source] serde_json::Error),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}
