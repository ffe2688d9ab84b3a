//! Why a use case of this crate did not do what it was asked.

use kernel::StoreError;

use crate::{BlockingExample, VersionStatus};

/// What is wrong with one place of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentFault {
    /// The key of the section, or what else the text is: `suffix`, `system_prompt`, `sections`.
    pub section: String,
    /// The line of the text, from 1.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl ContentFault {
    /// Names a place and what is wrong there.
    pub(crate) fn new(section: &str, line: usize, message: impl Into<String>) -> Self {
        Self { section: section.to_owned(), line, message: message.into() }
    }
}

/// Why a use case of this crate did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
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
    /// A text of a prompt is not usable.
    #[error("{} places of the prompt are not usable", .0.len())]
    InvalidContent(Vec<ContentFault>),
    /// A version is not where this can be done with it.
    #[error("the version is in {}, and this needs one in {}", .found.as_str(), .needed.as_str())]
    WrongStatus {
        /// The status in which this can be done.
        needed: VersionStatus,
        /// The status that the version has.
        found: VersionStatus,
    },
    /// Examples that must be green are not.
    #[error("{} examples do not let the version out", .0.len())]
    BlockedByExamples(Vec<BlockingExample>),
    /// A tenant has as many as it may have.
    #[error("there are {most} {what} already")]
    TooMany {
        /// The kind of thing, in glossary words.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// No model may be asked for the tenant.
    #[error("the month's turns and their grace are used up, so no model is asked")]
    OverPlan,
    /// Somebody was faster: read again and retry.
    #[error("it has changed since it was read")]
    Conflict,
    /// A text that was taken in once cannot be filled in now.
    #[error("{section} cannot be filled in: {message}")]
    Render {
        /// The key of the section, or what else the text is.
        section: String,
        /// What the engine says; it holds none of the facts.
        message: String,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] StoreError),
}

impl From<StoreError> for PromptError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::Duplicate | StoreError::Corrupt(_) | StoreError::Unavailable(_) => Self::Store(error),
        }
    }
}
