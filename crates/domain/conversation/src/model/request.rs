//! What a model is asked.

use kernel::{ModelProvider, Timestamp};
use tenancy::{BusinessProfile, Channel};

use super::tool_call::{ToolRound, ToolSpec};
use crate::message::{Author, shows_only};

/// One line of the transcript.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// Who said it.
    pub author: Author,
    /// What was said.
    pub text: String,
    /// How many pictures or files came with it.
    pub attachments: usize,
    /// When.
    pub at: Timestamp,
}

shows_only!(Line: author, attachments, at);

/// How a model is to be used. What is not said is as the installation has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelSettings {
    /// Who is asked, and who after them when they fail; empty as the installation has it.
    pub providers: Vec<ModelProvider>,
    /// Which model of the first of them.
    pub model: Option<String>,
    /// How freely it writes, in hundredths: 0 to 200.
    pub temperature: Option<u16>,
    /// The most tokens that it may write.
    pub max_tokens: Option<u32>,
}

/// The shape that an answer must have, where it is read by a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputSchema {
    /// The shape's name.
    pub name: &'static str,
    /// The shape, as JSON Schema.
    pub schema: serde_json::Value,
}

/// What the model is asked to answer.
#[derive(Clone, PartialEq, Eq)]
pub struct ModelRequest {
    /// What it is told before anything else: who it is, what it knows, and how it behaves.
    pub instructions: String,
    /// The business's name. What follows is known to the instructions already; a model that reads no instructions goes
    /// by it.
    pub business_name: String,
    /// What is known of the business.
    pub business: BusinessProfile,
    /// The contact's name, once known.
    pub contact_name: Option<String>,
    /// The channel that the answer goes out on.
    pub channel: Channel,
    /// The present moment.
    pub now: Timestamp,
    /// Until when an answer is of use. Whoever asks has something to say without one by then, so a model that has not ended
    /// counts as one that timed out.
    pub answer_by: Timestamp,
    /// What was said before the transcript, in short, where it does not begin with the conversation. It is made of words
    /// of others, as the transcript is.
    pub earlier: Option<String>,
    /// What was said, oldest first. It ends with what is to be answered.
    pub transcript: Vec<Line>,
    /// How many lines at the end of the transcript are to be answered.
    pub unanswered: usize,
    /// The tools that it may ask for.
    pub tools: Vec<ToolSpec>,
    /// What it has asked for in this turn, with the results, oldest first.
    pub rounds: Vec<ToolRound>,
    /// How it is used.
    pub settings: ModelSettings,
    /// The shape that the answer must have; none for words to a person.
    pub output: Option<OutputSchema>,
}

shows_only!(ModelRequest: channel, now, unanswered, settings);
