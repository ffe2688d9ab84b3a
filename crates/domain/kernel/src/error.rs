//! The errors that ports may return. They name facts, never a technology; what lies behind them is
//! kept as a boxed source for the log.

use std::time::Duration;

/// What an adapter keeps of the failure beneath.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The row has changed since it was read: read again and retry.
    #[error("the row has changed since it was read")]
    Conflict,
    /// A row with the same identity is there already.
    #[error("a row with the same identity exists")]
    Duplicate,
    /// What is stored cannot be understood, or does not open with its key.
    #[error("stored data cannot be read")]
    Corrupt(#[source] BoxError),
    /// The store cannot be reached, or did not answer in time.
    #[error("the store is not available")]
    Unavailable(#[source] BoxError),
}

/// Why a service outside (a carrier, a model) did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// It understood and said no; asking again changes nothing.
    #[error("rejected with code {code}: {detail}")]
    Rejected {
        /// The service's own code.
        code: String,
        /// The service's own words, free of personal data.
        detail: String,
    },
    /// It asks for patience. Nothing was done; asking again is safe.
    #[error("rate limited")]
    RateLimited {
        /// How long it asks us to wait, where it says.
        retry_after: Option<Duration>,
    },
    /// A question that changes nothing got no answer in time; asking again is safe.
    #[error("timed out")]
    TimedOut,
    /// It may or may not have done it. MUST NOT be repeated blindly.
    #[error("the outcome is unknown")]
    Ambiguous(#[source] BoxError),
    /// It was not reached, so nothing was done; asking again is safe.
    #[error("not available")]
    Unavailable(#[source] BoxError),
}
