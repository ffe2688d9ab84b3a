//! What Gemini answers, piece by piece.

use std::time::Duration;

use conversation::{Deltas, ModelError, ModelReply, ModelRequest, TokenUsage, ToolCall};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    question::PROVIDER,
    wire::{
        answer::{Answer, Ending},
        exchange::{Reader, Refusal, Stream},
        failure::Unreadable,
        refusal::{Said, meaning},
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Piece {
    #[serde(default)]
    candidates: Vec<Candidate>,
    prompt_feedback: Option<PromptFeedback>,
    usage_metadata: Option<Usage>,
    model_version: Option<String>,
    error: Option<ServiceError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    text: Option<String>,
    #[serde(default)]
    thought: bool,
    function_call: Option<FunctionCall>,
    thought_signature: Option<String>,
}

#[derive(Deserialize)]
struct FunctionCall {
    id: Option<String>,
    name: String,
    #[serde(default)]
    args: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptFeedback {
    block_reason: Option<String>,
}

/// Tokens so far; thoughts are paid for as words are.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Usage {
    #[serde(rename = "promptTokenCount")]
    prompt: u32,
    #[serde(rename = "toolUsePromptTokenCount")]
    tool_use: u32,
    #[serde(rename = "candidatesTokenCount")]
    candidates: u32,
    #[serde(rename = "thoughtsTokenCount")]
    thoughts: u32,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ServiceError,
}

#[derive(Deserialize)]
struct ServiceError {
    code: Option<u16>,
    status: Option<String>,
    message: Option<String>,
    #[serde(default)]
    details: Vec<ErrorDetail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorDetail {
    retry_delay: Option<String>,
}

impl ServiceError {
    fn said(self) -> Said {
        let patience = self.details.iter().find_map(|detail| seconds(detail.retry_delay.as_deref()?));
        Said { code: self.status, detail: self.message, patience }
    }
}

/// Reads a length of time such as `12s` or `0.5s`.
fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.strip_suffix('s')?.parse().ok()?).ok()
}

/// An answer of Gemini's while it is read.
pub(crate) struct Reading<'a> {
    request: &'a ModelRequest,
    answer: Answer<'a>,
    model: String,
    usage: TokenUsage,
    calls: usize,
    finish_reason: Option<String>,
}

impl<'a> Reading<'a> {
    /// Begins to read what a model answers to a request.
    pub(crate) fn new(request: &'a ModelRequest, model: &str, deltas: &'a dyn Deltas) -> Self {
        Self {
            request,
            answer: Answer::new(deltas),
            model: model.to_owned(),
            usage: TokenUsage::default(),
            calls: 0,
            finish_reason: None,
        }
    }

    /// Ends when nothing more comes.
    pub(crate) fn end(self) -> Result<ModelReply, ModelError> {
        let reason = self.finish_reason.ok_or(Unreadable::BrokeOff)?;
        self.answer.end(&ending(&reason), reason, self.usage, self.model)
    }

    fn take(&mut self, part: Part) -> Result<(), Unreadable> {
        if let Some(call) = part.function_call {
            return self.take_call(call, part.thought_signature);
        }
        // A thought is the model's own business.
        match part.text {
            Some(text) if !part.thought => self.answer.say(&text),
            Some(_) | None => Ok(()),
        }
    }

    fn take_call(&mut self, call: FunctionCall, signature: Option<String>) -> Result<(), Unreadable> {
        let arguments = Value::Object(call.args);
        self.answer.count(arguments.to_string().len() + signature.as_ref().map_or(0, String::len))?;
        let own: Map<_, _> = [("id", call.id.clone()), ("thoughtSignature", signature)]
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))))
            .collect();
        self.calls += 1;
        let id = call.id.unwrap_or_else(|| self.own_id());
        self.answer.call(ToolCall {
            id,
            name: call.name,
            arguments,
            provider_data: Some(json!({ PROVIDER: own })),
        })
    }

    /// Makes an id that no call of this turn has: not every model gives one.
    fn own_id(&self) -> String {
        let earlier: usize = self.request.rounds.iter().map(|round| round.calls.len()).sum();
        format!("call-{}", earlier + self.calls)
    }
}

impl Reader for Reading<'_> {
    fn read(&mut self, event: &str) -> Result<Stream, ModelError> {
        let piece: Piece = serde_json::from_str(event).map_err(Unreadable::from)?;
        if let Some(error) = piece.error {
            return Err(meaning(error.code.unwrap_or(500), error.said(), self.request));
        }
        if let Some(reason) = piece.prompt_feedback.and_then(|feedback| feedback.block_reason) {
            return Err(ModelError::Blocked { reason });
        }
        if let Some(usage) = piece.usage_metadata {
            self.usage = TokenUsage {
                input: usage.prompt.saturating_add(usage.tool_use),
                output: usage.candidates.saturating_add(usage.thoughts),
            };
        }
        if let Some(model) = piece.model_version {
            self.model = model;
        }
        if let Some(candidate) = piece.candidates.into_iter().next() {
            for part in candidate.content.into_iter().flat_map(|content| content.parts) {
                self.take(part)?;
            }
            self.finish_reason = candidate.finish_reason.or(self.finish_reason.take());
        }
        Ok(Stream::GoesOn)
    }

    fn has_begun(&self) -> bool {
        self.answer.has_begun()
    }

    fn refused(&self, refusal: &Refusal) -> ModelError {
        let body = serde_json::from_slice::<ErrorBody>(&refusal.body);
        let said = body.map(|body| body.error.said()).unwrap_or_default();
        let patience = refusal.patience.or(said.patience);
        meaning(refusal.status, Said { patience, ..said }, self.request)
    }
}

/// Reads a reason to finish. One that is new to us leaves the answer in the middle.
fn ending(reason: &str) -> Ending {
    match reason {
        "STOP" => Ending::Whole,
        "MAX_TOKENS" => Ending::Cut,
        "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" => Ending::Blocked,
        _ => Ending::Failed,
    }
}
