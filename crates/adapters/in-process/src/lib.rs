//! Throttle and cool-down in this process's memory: all that one process needs, and what several fall back on
//! while they cannot reach what they share.
//!
//! The crate `governor` counts by the same algorithm and does not fit: a limiter of its has one quota and a clock of
//! its own, where the port brings a quota and a moment with each call; and its keyed state grows with every new key,
//! so that whoever makes up keys takes the memory. The rule is a pure function of the domain, so what is left to do
//! here is a table with a bound.

mod cool_down;
mod table;
mod throttle;

pub use cool_down::LocalCoolDown;
pub use throttle::LocalThrottle;

/// How many keys each remembers unless told otherwise: some 20 MB when full.
const MOST_KEYS: usize = 100_000;
