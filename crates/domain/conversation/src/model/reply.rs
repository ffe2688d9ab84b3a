//! What a model answers.

use super::{error::ModelError, tool_call::ToolCall};
use crate::{inbound_text::printable, sentence::whole_sentences};

/// How many tokens were read and written, as the model counts them; billed by both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// Tokens read.
    pub input: u32,
    /// Tokens written.
    pub output: u32,
}

impl std::ops::AddAssign for TokenUsage {
    fn add_assign(&mut self, other: Self) {
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
    }
}

/// Why a model ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FinishReason {
    /// It had said what it wanted.
    #[default]
    Stop,
    /// It waits for the results of tools.
    ToolCalls,
    /// It had written as many tokens as it may.
    Length,
}

/// What a model answers: words, calls of tools, or both.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ModelReply {
    /// The words.
    pub text: String,
    /// The tools that it asks for, in its order.
    pub tool_calls: Vec<ToolCall>,
    /// Why it ended.
    pub finish: FinishReason,
    /// What it cost in tokens.
    pub usage: TokenUsage,
    /// Which model has answered, in its provider's words; empty for the one in the box.
    pub model: String,
}

/// Shows sizes only: what is said to people is personal data, and debug output ends in logs.
impl std::fmt::Debug for ModelReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "ModelReply({} bytes, {} tool calls, {:?})",
            self.text.len(),
            self.tool_calls.len(),
            self.finish
        )
    }
}

impl ModelReply {
    /// The longest answer that is sent, in characters: nobody reads more.
    pub const MAX_LENGTH: usize = 10_000;

    /// Makes an answer of words alone.
    pub fn of_text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Leaves out of the answer what is not printable, and what was begun of a sentence when it had to end.
    ///
    /// # Errors
    /// When neither words nor calls are left, or there is no end to them.
    pub fn usable(self) -> Result<Self, ModelError> {
        let text: String = printable(&self.text).collect();
        let (text, without_words) = match self.finish {
            FinishReason::Length => (whole_sentences(&text), "it was cut off in its first sentence"),
            FinishReason::Stop | FinishReason::ToolCalls => (text.as_str(), "it said nothing"),
        };
        let text = if text.trim().is_empty() { String::new() } else { text.to_owned() };
        if text.is_empty() && self.tool_calls.is_empty() {
            return Err(ModelError::Empty { reason: without_words.to_owned() });
        }
        if text.chars().count() > Self::MAX_LENGTH {
            return Err(ModelError::Unavailable("the model answered without end".into()));
        }
        Ok(Self { text, ..self })
    }
}
