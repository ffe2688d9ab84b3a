//! Why Redis was of no use. Callers go on without it.

use deadpool::managed::PoolError;
use deadpool_redis::redis::{ErrorKind, RedisError};

/// Why Redis was of no use.
#[derive(Debug, thiserror::Error)]
pub enum RedisFailure {
    /// The URL is none that Redis can be reached by.
    #[error(
        "not a Redis URL; write it as redis://[[user]:password@]host[:port][/database] or rediss://… for TLS"
    )]
    Url(#[source] RedisError),
    /// It failed a moment ago, so nothing was sent to it.
    #[error("Redis failed a moment ago and is left alone for a while")]
    LeftAlone,
    /// It did not answer in time.
    #[error("Redis did not answer in time")]
    TimedOut,
    /// It was not reached, the connection broke, or it answered with an error.
    #[error("Redis failed")]
    Failed(#[from] RedisError),
}

impl RedisFailure {
    /// Returns what Redis said, where it was reached and refused.
    pub fn refusal(&self) -> Option<String> {
        match self {
            Self::Failed(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::AuthenticationFailed
                ) =>
            {
                Some(error.to_string())
            }
            Self::Failed(_) | Self::Url(_) | Self::LeftAlone | Self::TimedOut => None,
        }
    }
}

impl From<PoolError<RedisError>> for RedisFailure {
    fn from(error: PoolError<RedisError>) -> Self {
        match error {
            PoolError::Backend(error) => Self::Failed(error),
            PoolError::Timeout(_) => Self::TimedOut,
            // None of these happens: the pool is never closed, has a runtime and no hooks.
            PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                Self::LeftAlone
            }
        }
    }
}
