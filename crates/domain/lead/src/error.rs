//! What can go wrong when a lead is worked on.

use kernel::{LeadId, StoreError};

use crate::LeadStatus;

/// Why a use case of this crate did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LeadError {
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
    /// No lead goes from this status to that one.
    #[error("a lead that is {} does not become {}", from.as_str(), to.as_str())]
    Transition {
        /// What it is.
        from: LeadStatus,
        /// What it was to be.
        to: LeadStatus,
    },
    /// The lead is part of another one now: work on that one, or take the merge back.
    #[error("the lead was merged into another one")]
    Merged {
        /// Into which.
        into: LeadId,
    },
    /// The lead is not part of another one, so there is nothing to take back.
    #[error("the lead was not merged into another one")]
    NotMerged,
    /// A lead cannot be merged with itself.
    #[error("a lead is not merged with itself")]
    SameLead,
    /// A lead holds no more of them.
    #[error("a lead has at most {most} {what}")]
    Full {
        /// The kind of thing, in glossary words.
        what: &'static str,
        /// How many it may have.
        most: usize,
    },
    /// Another lead has this phone or e-mail address: merge the two, if they are one person.
    #[error("another lead has this {what}")]
    Taken {
        /// The field's wire name.
        what: &'static str,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}
