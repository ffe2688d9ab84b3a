//! A clock that stands until it is moved, and ids and bytes that count instead of being random.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use chrono::{TimeDelta, TimeZone as _, Utc};
use uuid::Uuid;

use crate::{BoxError, Clock, Entropy, IdGenerator, Timestamp};

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// Sets the clock to `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock on.
    pub fn advance(&self, by: TimeDelta) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }
}

impl Default for ManualClock {
    /// Stands at 2026-11-02 15:00 UTC, a Monday morning in New York.
    fn default() -> Self {
        Self::at(Utc.with_ymd_and_hms(2026, 11, 2, 15, 0, 0).single().unwrap_or_default())
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ids that rise by one, in the shape of `UUIDv7`; two generators with other seeds never meet.
#[derive(Debug)]
pub struct CountingIds {
    seed: u64,
    next: AtomicU64,
}

impl CountingIds {
    /// Starts a series of its own for each `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, next: AtomicU64::new(1) }
    }
}

impl Default for CountingIds {
    fn default() -> Self {
        Self::new(0)
    }
}

impl IdGenerator for CountingIds {
    fn next(&self) -> Uuid {
        let count = u128::from(self.next.fetch_add(1, Ordering::Relaxed));
        let version_and_variant = (0x7_u128 << 76) | (0x2_u128 << 62);
        Uuid::from_u128((count << 80) | version_and_variant | u128::from(self.seed & 0x3fff_ffff))
    }
}

/// Bytes that count, for tests that need secrets to differ and not to be secret.
#[derive(Debug, Default)]
pub struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), BoxError> {
        for chunk in bytes.chunks_mut(8) {
            let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            for (byte, value) in chunk.iter_mut().zip(count.iter().rev()) {
                *byte = *value;
            }
        }
        Ok(())
    }
}
