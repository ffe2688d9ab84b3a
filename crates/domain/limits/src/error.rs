//! What can be wrong with a value of this crate.

/// Why a value was not taken. Each says how to mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// The text is no idempotency key.
    #[error("an idempotency key has 1 to 255 visible ASCII characters; a random UUID is a good one")]
    IdempotencyKey,
    /// The text names no caller.
    #[error("a caller's id has 1 to 255 visible ASCII characters")]
    CallerId,
    /// The numbers make no quota.
    #[error("a quota allows at least 1 call, over a time from 1 microsecond to 366 days")]
    Quota,
}
