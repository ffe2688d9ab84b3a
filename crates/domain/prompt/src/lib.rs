//! What the receptionist is told: versions of prompts, AI profiles, their composition for a turn, and the examples that a
//! version must answer well before it is published.

mod ai_profile;
mod ai_profile_store;
mod channel;
mod compose_prompt;
mod composition;
mod content;
mod diff;
mod digest;
mod error;
mod example;
mod example_result;
mod example_store;
mod expectation;
mod facts;
mod manage_ai_profiles;
mod manage_base_prompts;
mod manage_examples;
mod manage_prompts;
mod names;
mod prompt_store;
mod redact;
mod rehearsal;
mod run_examples;
mod template;
#[cfg(feature = "testing")]
pub mod testing;
mod version;

pub use ai_profile::{AiProfile, AiRole, ModelSettings, SystemPrompt, Temperature};
pub use ai_profile_store::AiProfileStore;
pub use channel::PromptChannel;
pub use compose_prompt::{ComposePrompt, ComposeRequest, PreparedPrompt};
pub use composition::{
    Canary, Composed, Composition, Layer, Origin, Part, Parts, ProductionPrompts, TokenBudget, ToolLine,
    VersionRef, estimate_tokens,
};
pub use content::{PromptContent, RawSection, Section};
pub use diff::{DiffLine, PromptDiff, SectionChange, SectionDiff};
pub use error::{ContentFault, PromptError};
pub use example::{
    Example, ExampleContent, ExampleLine, ExampleSource, ExampleWeight, LineAuthor, RawExample,
};
pub use example_result::{BlockReason, BlockingExample, Check, ExampleResult, Outcome, Verdict};
pub use example_store::ExampleStore;
pub use expectation::{Expectation, mentions};
pub use facts::{Business, ContactFacts, Facts};
pub use manage_ai_profiles::{AiProfilePatch, ManageAiProfiles, NewAiProfile};
pub use manage_base_prompts::ManageBasePrompts;
pub use manage_examples::ManageExamples;
pub use manage_prompts::{DraftContent, ManagePrompts};
pub use prompt_store::{PromptStore, Publication, VersionStep};
pub use redact::redact;
pub use rehearsal::{
    FailureKind, JudgeRequest, Judged, Means, Models, RecordedAnswer, Recording, Rehearsal, RehearsalError,
    RehearsalRequest, Rehearsed, ToolCall,
};
pub use run_examples::{RunExamples, RunMode, RunRequest};
pub use template::Templates;
pub use version::{NewDraft, PromptOwner, PromptVersion, StoredVersion, VersionStatus, VersionSummary};
