//! A fake of the store, and the contract that every adapter passes.
//!
//! The fake keeps everything in memory and every promise of the port; only nothing else writes into it, so it is told
//! what was used. An adapter runs the contract with [`usage_store_contract!`].
//!
//! [`usage_store_contract!`]: crate::usage_store_contract

pub mod contract;
mod memory;

pub use contract::{UsageStores, Use, Used, UsedThen};
pub use memory::MemoryUsageStore;
