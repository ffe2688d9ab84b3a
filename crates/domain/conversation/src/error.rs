//! What can go wrong when a conversation is worked on.

use kernel::StoreError;

/// Why a use case of this crate did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ConversationError {
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
    /// The conversation is over; reopen it first.
    #[error("the conversation is closed")]
    Closed,
    /// Another thread with the same contact address is open.
    #[error("another conversation with this contact is open")]
    AnotherIsOpen,
    /// The tenant's channel for this is missing or switched off.
    #[error("the channel is not active")]
    ChannelInactive,
    /// The answer did not come in time. What was said is stored and will be answered.
    #[error("the answer takes longer than the request may wait")]
    AnswerPending,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}
