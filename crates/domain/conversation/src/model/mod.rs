//! The port to what writes the receptionist's words, and all that passes through it.

mod error;
mod language_model;
mod parameters;
mod reply;
mod request;
mod timeouts;
mod tool_call;

pub use error::ModelError;
pub use language_model::{Deltas, LanguageModel, Unheard};
pub use parameters::{Parameter, ParameterKind, Parameters};
pub use reply::{FinishReason, ModelReply, TokenUsage};
pub use request::{Line, ModelRequest, ModelSettings, OutputSchema};
pub use timeouts::ModelTimeouts;
pub use tool_call::{ToolCall, ToolResult, ToolRound, ToolSpec};
