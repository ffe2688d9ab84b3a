//! Tools as a model sees them: what it may ask for, what it asked for, and what came of it.

use serde_json::Value;

use super::parameters::Parameters;

/// A tool that a model may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolSpec {
    /// The name by which it is asked for.
    pub name: &'static str,
    /// What it does and when to ask for it, for the model to read.
    pub description: &'static str,
    /// What it takes.
    pub parameters: Parameters,
}

/// A model asks for a tool.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// The model's id of the call, by which the result finds it.
    pub id: String,
    /// The tool.
    pub name: String,
    /// What it is given; nothing of it is trusted.
    pub arguments: Value,
    /// What the model's provider wants back beside the call in the next round. Only its adapter reads it.
    pub provider_data: Option<Value>,
}

/// Shows the tool only: arguments are personal data, and debug output ends in logs.
impl std::fmt::Debug for ToolCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ToolCall").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// What came of a call, as the model is told.
#[derive(Clone, PartialEq, Eq)]
pub struct ToolResult {
    /// The model's id of the call.
    pub call_id: String,
    /// The tool that was asked for.
    pub name: String,
    /// What it says, or why it did not do it.
    pub content: Value,
    /// Whether it was done.
    pub is_error: bool,
}

/// Shows the tool only: results may be personal data, and debug output ends in logs.
impl std::fmt::Debug for ToolResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ToolResult")
            .field("name", &self.name)
            .field("is_error", &self.is_error)
            .finish_non_exhaustive()
    }
}

/// One answer of the model that asked for tools, with what came of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ToolRound {
    /// The words that came with the calls.
    pub text: String,
    /// The calls, in the model's order.
    pub calls: Vec<ToolCall>,
    /// Their results, in the same order.
    pub results: Vec<ToolResult>,
}

impl std::fmt::Debug for ToolRound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ToolRound")
            .field("calls", &self.calls)
            .field("results", &self.results)
            .finish_non_exhaustive()
    }
}
