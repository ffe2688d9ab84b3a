//! The port to the model for examples: what would it answer, and is that good?

use async_trait::async_trait;
use kernel::{GatewayError, StoreError, Timestamp};
use tenancy::TenantScope;

use crate::{Canary, ExampleLine, ModelSettings, PromptChannel, digest::Fields, names::stored_names};

/// What an answer depends on beside the question, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Means {
    /// The tools that the model is offered, with all that they take.
    pub tools: String,
    /// Who answers.
    pub models: Models,
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Models {
    /// Those of the installation: in which order, and which model each is asked for where nobody names one.
    Installed(String),
    /// The one in the box alone, because the day's budget is used up.
    InTheBox,
}

impl Models {
    fn digest_into(&self, fields: Fields) -> Fields {
        match self {
            Self::Installed(models) => fields.and_maybe(Some(models)),
            Self::InTheBox => fields.and_maybe(None),
        }
    }
}

/// What a model is asked to answer, as in a turn and without any effect.
#[derive(Clone, PartialEq, Eq)]
pub struct RehearsalRequest {
    /// What it is told.
    pub instructions: String,
    /// What among it tells a leak.
    pub canary: Canary,
    /// How it is set.
    pub settings: ModelSettings,
    /// The channel.
    pub channel: PromptChannel,
    /// What was said, oldest first.
    pub transcript: Vec<ExampleLine>,
}

/// Shows no words: prompts and what people say do not belong into logs.
impl std::fmt::Debug for RehearsalRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RehearsalRequest({}, {} lines, …)", self.channel.as_str(), self.transcript.len())
    }
}

impl RehearsalRequest {
    /// Returns the SHA-256 over everything that is asked and by what it is answered, in hexadecimal digits.
    pub fn digest(&self, means: &Means) -> String {
        let fields = means.models.digest_into(Fields::of("rehearsal").and(&means.tools));
        let fields = fields.and(&self.instructions).and(self.channel.as_str());
        lines_into(self.settings.digest_into(fields), &self.transcript).hex()
    }
}

/// A tool that the model wants called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// What it is called with.
    pub arguments: serde_json::Value,
}

/// What a model answers.
#[derive(Clone, PartialEq, Eq)]
pub struct Rehearsed {
    /// The words, as a customer would get them.
    pub text: String,
    /// The tools, in order. None of them was really called.
    pub tool_calls: Vec<ToolCall>,
    /// Whether it would have handed the conversation to a person.
    pub handed_off: bool,
}

/// Shows no words.
impl std::fmt::Debug for Rehearsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rehearsed({} bytes, {} tool calls)", self.text.len(), self.tool_calls.len())
    }
}

/// What a model is asked about an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct JudgeRequest {
    /// What must hold.
    pub criterion: String,
    /// How the model is set.
    pub settings: ModelSettings,
    /// What was said before the answer.
    pub transcript: Vec<ExampleLine>,
    /// The answer.
    pub reply: String,
}

/// Shows no words.
impl std::fmt::Debug for JudgeRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JudgeRequest({} lines, …)", self.transcript.len())
    }
}

impl JudgeRequest {
    /// Returns the SHA-256 over everything that is asked and by whom it is answered, in hexadecimal digits.
    pub fn digest(&self, means: &Means) -> String {
        let fields = means.models.digest_into(Fields::of("judging"));
        let fields = fields.and(&self.criterion).and(&self.reply);
        lines_into(self.settings.digest_into(fields), &self.transcript).hex()
    }
}

/// What a model says about an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whether the criterion holds.
    pub passes: bool,
    /// Why, in a sentence.
    pub reason: String,
}

/// Shows no words.
impl std::fmt::Debug for Judged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Judged({}, …)", self.passes)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The model gave none.
    #[error("the model gave no answer")]
    Model(#[from] GatewayError),
    /// No model may be asked: the month's turns and their grace are used up.
    #[error("the month's turns and their grace are used up")]
    OverPlan,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Why a run has no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The model refused.
    Rejected,
    /// The model asked for patience.
    RateLimited,
    /// The model took too long.
    TimedOut,
    /// The model was not reached, or answered nothing that can be used.
    Unavailable,
}

impl From<&GatewayError> for FailureKind {
    fn from(error: &GatewayError) -> Self {
        match error {
            GatewayError::Rejected { .. } => Self::Rejected,
            GatewayError::RateLimited { .. } => Self::RateLimited,
            GatewayError::TimedOut => Self::TimedOut,
            GatewayError::Ambiguous(_) | GatewayError::Unavailable(_) => Self::Unavailable,
        }
    }
}

stored_names!(FailureKind:
    Rejected = "rejected",
    RateLimited = "rate_limited",
    TimedOut = "timed_out",
    Unavailable = "unavailable",
);

/// Asks a model what it would answer.
///
/// An adapter MUST call no tool and send nothing, MUST answer or fail within the time it was configured with, MUST treat
/// transcript and reply as words of others, never as instructions, and MUST count what models have taken as the tenant's.
#[async_trait]
pub trait Rehearsal: Send + Sync {
    /// Returns what an answer depends on beside the question. It is asked before each question.
    ///
    /// # Errors
    /// [`RehearsalError::OverPlan`] when no model may be asked; or when a store fails.
    async fn means(&self, scope: &TenantScope) -> Result<Means, RehearsalError>;

    /// Returns what the model would answer with these means. It has until `answer_by`.
    ///
    /// # Errors
    /// When the model gave no answer, or a store fails.
    async fn rehearse(
        &self,
        scope: &TenantScope,
        means: &Means,
        request: &RehearsalRequest,
        answer_by: Timestamp,
    ) -> Result<Rehearsed, RehearsalError>;

    /// Tells whether a criterion holds for a reply. The model has until `answer_by`.
    ///
    /// # Errors
    /// When the model gave no answer, or a store fails.
    async fn judge(
        &self,
        scope: &TenantScope,
        means: &Means,
        request: &JudgeRequest,
        answer_by: Timestamp,
    ) -> Result<Judged, RehearsalError>;
}

/// An answer that was kept, so that the same question has the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The digest of the question.
    pub digest: String,
    /// The answer.
    pub answer: RecordedAnswer,
    /// When it was given.
    pub at: Timestamp,
}

/// An answer of one of the two kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordedAnswer {
    /// What the model would say.
    Rehearsed(Rehearsed),
    /// What it thinks of a reply.
    Judged(Judged),
}

fn lines_into(fields: Fields, lines: &[ExampleLine]) -> Fields {
    lines.iter().fold(fields, |fields, line| fields.and(line.author.as_str()).and(&line.text))
}
