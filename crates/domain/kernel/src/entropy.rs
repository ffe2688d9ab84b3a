//! Randomness as a port: secrets and ids come from outside, so that tests can repeat themselves.

use uuid::Uuid;

/// A source of bytes that nobody can guess.
///
/// An adapter MUST use the operating system's cryptographic generator.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random bytes.
    ///
    /// # Errors
    /// When the source gave nothing; the caller must not go on with what `bytes` held before.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), crate::BoxError>;
}

/// Makes ids.
///
/// An adapter MUST return `UUIDv7`, so that ids sort by the time they were made.
pub trait IdGenerator: Send + Sync {
    /// Returns an id that was never returned before.
    fn next(&self) -> Uuid;
}
