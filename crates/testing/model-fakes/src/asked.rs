//! What a request asks, whoever's format it is in.

use serde_json::Value;

/// What a request asks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    /// What the contact's side said last.
    pub(crate) last_words: String,
    /// How many things the contact's side has said.
    pub(crate) count: usize,
    /// The names of the tools that are offered.
    pub(crate) tools: Vec<String>,
    /// Whether the request ends with the result of a tool.
    pub(crate) ends_with_result: bool,
    /// The shape that the answer must have.
    pub(crate) schema: Option<Value>,
}
