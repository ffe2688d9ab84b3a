//! Examples of what the receptionist should answer, and what came of trying them.

pub mod create;
pub mod from_conversation;
pub mod get;
pub mod list;
pub mod put;
pub mod remove;

use chrono::{DateTime, Utc};
use prompt::{
    Check, Example, ExampleLine, ExampleResult, ExampleSource, ExampleWeight, Expectation, LineAuthor,
    PromptChannel, RawExample, Rehearsed, Verdict,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    api::wire::one_of,
    problem::{FieldError, Problem},
};

/// A line of a transcript.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineBody {
    /// `contact`, `bot` or `human`.
    author: String,
    /// What is said.
    text: String,
}

impl LineBody {
    /// Reads the line.
    ///
    /// # Errors
    /// When nobody is called so.
    pub fn read(self) -> Result<ExampleLine, FieldError> {
        let author = one_of("transcript", &self.author, LineAuthor::VALUES, LineAuthor::as_str)?;
        Ok(ExampleLine { author, text: self.text })
    }
}

/// What an answer must be like.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectationBody {
    /// `must_mention`, `must_not_mention`, `must_call_tool`, `must_not_call_tool`, `must_hand_off` or `judged`.
    kind: String,
    /// What it is about; nothing for `must_hand_off`.
    text: Option<String>,
}

impl From<&Expectation> for ExpectationBody {
    fn from(expectation: &Expectation) -> Self {
        Self { kind: expectation.kind().to_owned(), text: expectation.text().map(str::to_owned) }
    }
}

/// Reads expectations.
///
/// # Errors
/// When one is none.
pub fn expectations(bodies: &[ExpectationBody]) -> Result<Vec<Expectation>, Problem> {
    let read = |body: &ExpectationBody| Expectation::parse(&body.kind, body.text.as_deref());
    Ok(bodies.iter().map(read).collect::<Result<_, _>>()?)
}

/// Reads the weight of an example.
///
/// # Errors
/// When there is no such weight.
pub fn weight(name: Option<&str>) -> Result<ExampleWeight, FieldError> {
    let named = |name| one_of("weight", name, ExampleWeight::VALUES, ExampleWeight::as_str);
    name.map_or(Ok(ExampleWeight::Blocking), named)
}

/// What an example says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleInput {
    /// What it is called.
    name: String,
    /// `all` (the default), `chat`, `sms`, `voice`, `whatsapp` or `email`.
    channel: Option<String>,
    /// What is said, oldest first; it ends with the contact.
    #[schema(min_items = 1, max_items = 100)]
    transcript: Vec<LineBody>,
    /// What the answer must be like.
    #[schema(min_items = 1, max_items = 20)]
    expectations: Vec<ExpectationBody>,
    /// `blocking` (the default): it must be green before a version is published. `informing`: it only tells.
    weight: Option<String>,
}

impl ExampleInput {
    /// Reads what the example says.
    ///
    /// # Errors
    /// When a field holds what it must not.
    pub fn read(self) -> Result<RawExample, Problem> {
        let channel = self.channel.as_deref().unwrap_or(PromptChannel::All.as_str());
        let transcript = self.transcript.into_iter().map(LineBody::read);
        Ok(RawExample {
            name: self.name,
            channel: one_of("channel", channel, PromptChannel::VALUES, PromptChannel::as_str)?,
            transcript: transcript.collect::<Result<_, _>>()?,
            expectations: expectations(&self.expectations)?,
            weight: weight(self.weight.as_deref())?,
            source: ExampleSource::ByHand,
        })
    }
}

/// An example.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExampleBody {
    /// The example's id.
    id: Uuid,
    /// What it is called.
    name: String,
    /// `all`, `chat`, `sms`, `voice`, `whatsapp` or `email`.
    channel: &'static str,
    /// What is said, oldest first.
    transcript: Vec<LineBody>,
    /// What the answer must be like.
    expectations: Vec<ExpectationBody>,
    /// `blocking` or `informing`.
    weight: &'static str,
    /// The conversation that it was made from; what names a person is taken out.
    conversation_id: Option<Uuid>,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<Example> for ExampleBody {
    fn from(example: Example) -> Self {
        let raw = example.content.raw();
        let line = |line: &ExampleLine| LineBody {
            author: line.author.as_str().to_owned(),
            text: line.text.clone(),
        };
        Self {
            id: example.id.uuid(),
            name: raw.name.clone(),
            channel: raw.channel.as_str(),
            transcript: raw.transcript.iter().map(line).collect(),
            expectations: raw.expectations.iter().map(ExpectationBody::from).collect(),
            weight: raw.weight.as_str(),
            conversation_id: match raw.source {
                ExampleSource::ByHand => None,
                ExampleSource::Conversation(id) => Some(id.uuid()),
            },
            created_at: example.created_at,
        }
    }
}

/// What a model would answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerBody {
    /// The words.
    reply_text: String,
    /// The tools that it would call.
    tool_calls: Vec<ToolCallBody>,
    /// Whether the conversation would go to a person.
    handed_off: bool,
}

/// A tool that a model would call.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToolCallBody {
    /// The tool's name.
    name: String,
    /// What it would be called with.
    arguments: Value,
}

impl From<Rehearsed> for AnswerBody {
    fn from(answer: Rehearsed) -> Self {
        let call = |call: prompt::ToolCall| ToolCallBody { name: call.name, arguments: call.arguments };
        Self {
            reply_text: answer.text,
            tool_calls: answer.tool_calls.into_iter().map(call).collect(),
            handed_off: answer.handed_off,
        }
    }
}

/// What came of trying an example on a version.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultBody {
    /// The run's id.
    id: Uuid,
    /// Which example.
    example_id: Uuid,
    /// `green`, `red` or `failed`.
    verdict: &'static str,
    /// Why there is no verdict: `rejected`, `rate_limited`, `timed_out` or `unavailable`.
    failure: Option<&'static str>,
    /// Each expectation, and whether it was met.
    checks: Vec<CheckBody>,
    /// What the model answered.
    answer: Option<AnswerBody>,
    /// When.
    at: DateTime<Utc>,
}

/// Whether an expectation was met.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckBody {
    /// What was expected.
    expectation: ExpectationBody,
    /// `met`, `missed` or `unknown`.
    outcome: &'static str,
    /// Why, where a model has judged.
    reason: String,
}

impl From<Check> for CheckBody {
    fn from(check: Check) -> Self {
        Self {
            expectation: (&check.expectation).into(),
            outcome: check.outcome.as_str(),
            reason: check.reason,
        }
    }
}

impl From<ExampleResult> for ResultBody {
    fn from(result: ExampleResult) -> Self {
        let (verdict, failure) = match result.verdict {
            Verdict::Green => ("green", None),
            Verdict::Red => ("red", None),
            Verdict::Failed(kind) => ("failed", Some(kind.as_str())),
        };
        Self {
            id: result.run_id.uuid(),
            example_id: result.example_id.uuid(),
            verdict,
            failure,
            checks: result.checks.into_iter().map(CheckBody::from).collect(),
            answer: result.answer.map(AnswerBody::from),
            at: result.at,
        }
    }
}
