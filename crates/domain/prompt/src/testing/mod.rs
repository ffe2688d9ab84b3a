//! Fakes of this crate's ports, and the contracts that every adapter passes.
//!
//! The fakes keep everything in memory and every promise of the ports. An adapter runs the contracts with one line a suite,
//! such as [`prompt_store_contract!`].
//!
//! [`prompt_store_contract!`]: crate::prompt_store_contract

pub mod contract;
mod memory;
mod samples;
mod scripted_rehearsal;
mod stores;

pub use memory::{MemoryAiProfileStore, MemoryExampleStore, MemoryPromptStore};
pub use samples::{at, content, draft, example, id, profile, result, section};
pub use scripted_rehearsal::ScriptedRehearsal;
pub use stores::PromptStores;
