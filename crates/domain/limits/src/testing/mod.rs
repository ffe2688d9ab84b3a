//! Fakes of this crate's ports, and the contracts that every adapter passes.
//!
//! The fakes keep every promise of the ports, in memory; only nothing is sealed, nothing is ever forgotten to make
//! room, and nothing survives. An adapter runs the contracts with one line a suite, such as [`throttle_contract!`].
//!
//! [`throttle_contract!`]: crate::throttle_contract

pub mod contract;
mod idempotency_store;
mod stores;
mod throttle;

pub use idempotency_store::MemoryIdempotencyStore;
pub use stores::LimitsStores;
pub use throttle::{MemoryCoolDown, MemoryThrottle};
