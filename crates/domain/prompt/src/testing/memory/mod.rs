//! The stores, in memory.

mod ai_profiles;
mod examples;
mod prompts;
mod rows;

pub use ai_profiles::MemoryAiProfileStore;
pub use examples::MemoryExampleStore;
pub use prompts::MemoryPromptStore;
