//! A fake of the store, sample values, and the contract that every adapter passes.
//!
//! The fake keeps everything in memory and every promise of the port; only nothing is sealed, and nothing survives. An
//! adapter runs the contract with [`lead_store_contract!`].
//!
//! [`lead_store_contract!`]: crate::lead_store_contract

pub mod contract;
mod memory;
mod samples;

pub use contract::LeadStores;
pub use memory::MemoryLeadStore;
pub use samples::Samples;
