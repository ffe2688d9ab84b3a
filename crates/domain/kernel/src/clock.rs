//! Time as a port: the domain asks, the composition root answers.

use chrono::{DateTime, Utc};

/// A point in time, UTC. Stores keep microseconds, so a clock gives no finer ones.
pub type Timestamp = DateTime<Utc>;

/// Tells the time.
///
/// An adapter MUST return whole microseconds, so that what was written equals what is read back.
pub trait Clock: Send + Sync {
    /// Returns the present moment.
    fn now(&self) -> Timestamp;
}
