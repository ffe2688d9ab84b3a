//! Fakes of this crate's ports, sample values, and the contract suites that every adapter must pass.

mod memory;
mod recording_messenger;
mod scripted_language_model;

pub use memory::MemoryStores;
pub use recording_messenger::{LookedUp, RecordingMessenger, Sent};
pub use scripted_language_model::ScriptedLanguageModel;
