//! Why an answer of a model cannot be used. It holds no text of the answer: that may be personal.

use conversation::ModelError;

/// Why an answer cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// The service was not reached, or the connection broke.
    #[error("the connection failed")]
    Broken(#[source] reqwest::Error),
    /// It ended before it said that it ends.
    #[error("broke off")]
    BrokeOff,
    /// It goes on for too long.
    #[error("answered without end")]
    WithoutEnd,
    /// It is no UTF-8.
    #[error("the answer is no text")]
    NotText,
    /// It is not what the service answers.
    #[error("the answer is not understood, at line {line}, column {column}")]
    NotUnderstood {
        /// Where it stops making sense.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// It ended in a way that leaves it in the middle.
    #[error("ended with {0}")]
    EndedWith(String),
    /// The service failed, with this HTTP status.
    #[error("failed with HTTP status {0}")]
    Status(u16),
}

impl From<Unreadable> for ModelError {
    fn from(why: Unreadable) -> Self {
        Self::Unavailable(why.into())
    }
}

impl From<serde_json::Error> for Unreadable {
    /// Keeps the place alone: serde's own words quote what it has read.
    fn from(error: serde_json::Error) -> Self {
        Self::NotUnderstood { line: error.line(), column: error.column() }
    }
}
