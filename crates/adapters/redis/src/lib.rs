//! What several processes of one installation share through Redis: how much was asked of them, and word of
//! what has changed.
//!
//! Nothing here is the truth. Throttles count in the process as well and the stricter count holds; a cache is
//! used only while word of changes is known to arrive. So a Redis that is absent, emptied, dead or hanging
//! makes answers slower or limits a little stricter, and never an answer wrong. Nothing secret or personal is
//! sent to it: only digests, counts and tenants' ids.

mod breaker;
mod client;
mod connections;
mod cool_down;
mod error;
mod invalidations;
mod settings;
mod throttle;

pub use client::{RedisClient, RedisCounts};
pub use cool_down::RedisCoolDown;
pub use error::RedisFailure;
pub use invalidations::{InvalidationTiming, RedisInvalidations};
pub use settings::RedisSettings;
pub use throttle::RedisThrottle;
