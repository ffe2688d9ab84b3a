//! Why a model did not answer.

use std::time::Duration;

use kernel::BoxError;

/// Why a model did not answer. None of it holds what was said.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It understood the request and said no, as to a wrong key; asking again changes nothing.
    #[error("rejected with code {code}: {detail}")]
    Rejected {
        /// The service's own code.
        code: String,
        /// The service's own words, free of what was said.
        detail: String,
    },
    /// It asks for patience.
    #[error("rate limited")]
    RateLimited {
        /// How long it asks us to wait, where it says.
        retry_after: Option<Duration>,
    },
    /// It took longer than it may: to accept, to begin or to end.
    #[error("timed out before {0}")]
    TimedOut(&'static str),
    /// It was not reached, failed, broke off in the middle, or answered what cannot be read.
    #[error("not available")]
    Unavailable(#[source] BoxError),
    /// It will not answer this: its own rules forbid it.
    #[error("blocked: {reason}")]
    Blocked {
        /// The service's own word for the reason.
        reason: String,
    },
    /// It ended without a word and without asking for a tool, or was cut off before a sentence was whole.
    #[error("answered nothing: {reason}")]
    Empty {
        /// Why it ended, in the service's own word.
        reason: String,
    },
}

impl ModelError {
    /// Returns a stable name, for figures and logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rejected { .. } => "rejected",
            Self::RateLimited { .. } => "rate_limited",
            Self::TimedOut(_) => "timed_out",
            Self::Unavailable(_) => "unavailable",
            Self::Blocked { .. } => "blocked",
            Self::Empty { .. } => "empty",
        }
    }

    /// Tells whether the same model may answer if it is asked again soon.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::TimedOut(_) | Self::Unavailable(_) | Self::Empty { .. } => true,
            Self::Rejected { .. } | Self::Blocked { .. } => false,
        }
    }
}
