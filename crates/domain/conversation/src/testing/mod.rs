//! Fakes of this crate's ports, sample values, and the contracts that every adapter passes.
//!
//! The stores keep everything in memory and every promise of the ports; only nothing is sealed, and nothing
//! survives. An adapter runs the contracts with one line a suite, such as [`conversation_store_contract!`].
//!
//! [`conversation_store_contract!`]: crate::conversation_store_contract

mod builders;
pub mod contract;
mod fixed_allowance;
mod memory;
mod plain_composer;
mod recording_messenger;
mod scripted_language_model;

pub use builders::Samples;
pub use contract::{ConversationStores, Done, Suspend, SwitchOff, TokensUsed, Told};
pub use fixed_allowance::FixedAllowance;
pub use memory::MemoryStores;
pub use plain_composer::PlainComposer;
pub use recording_messenger::{RecordingMessenger, Sent, account_of};
pub use scripted_language_model::ScriptedLanguageModel;
