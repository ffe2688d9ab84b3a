//! The machine's clock, its randomness, and ids made of both.

use chrono::{SubsecRound as _, Utc};
use kernel::{BoxError, Clock, Entropy, IdGenerator, Timestamp};
use uuid::Uuid;

use crate::failpoints;

/// The machine's clock, in whole microseconds.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Utc::now().trunc_subsecs(6) + failpoints::clock_error()
    }
}

/// The operating system's cryptographic generator.
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), BoxError> {
        Ok(getrandom::fill(bytes)?)
    }
}

/// `UUIDv7`: ids that sort by the time they were made, also within a millisecond.
pub struct UuidV7;

impl IdGenerator for UuidV7 {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}
