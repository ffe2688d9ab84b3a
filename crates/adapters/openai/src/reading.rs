//! What is answered, piece by piece.

use conversation::{Deltas, ModelError, ModelReply, ModelRequest, TokenUsage, ToolCall};
use serde::Deserialize;
use serde_json::Value;

use crate::wire::{
    answer::{Answer, Ending, make_room},
    exchange::{Reader, Refusal, Stream},
    failure::Unreadable,
    refusal::{Said, meaning},
};

/// What ends a stream.
const DONE: &str = "[DONE]";
/// The codes of a prompt that rules forbid.
const BLOCKED: &[&str] = &["content_filter", "content_policy_violation"];
/// The most characters that are kept of arguments that cannot be read.
const MAX_UNREADABLE: usize = 1000;

#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Usage>,
    model: Option<String>,
    error: Option<ServiceError>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Deserialize)]
struct CallDelta {
    index: Option<usize>,
    id: Option<String>,
    function: Option<FunctionDelta>,
}

#[derive(Deserialize)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Usage {
    prompt_tokens: u32,
    completion_tokens: u32,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ServiceError,
}

/// What a service says is wrong. Some give a number as the code.
#[derive(Deserialize)]
struct ServiceError {
    message: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<Value>,
}

impl ServiceError {
    fn said(self) -> Said {
        let code = self.code.as_ref().and_then(Value::as_str).map(str::to_owned);
        Said { code: code.or(self.kind), detail: self.message, patience: None }
    }

    /// Returns the HTTP status that the error would have had, had the stream not begun.
    fn status(&self) -> u16 {
        let number = self.code.as_ref().and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
        let is_hasty = self.kind.as_deref().is_some_and(|kind| kind.starts_with("rate_limit"));
        number.unwrap_or(if is_hasty { 429 } else { 500 })
    }
}

/// A call while it is written.
#[derive(Default)]
struct OpenCall {
    index: Option<usize>,
    id: String,
    name: String,
    arguments: String,
}

/// An answer while it is read.
pub(crate) struct Reading<'a> {
    request: &'a ModelRequest,
    answer: Answer<'a>,
    calls: Vec<OpenCall>,
    model: String,
    usage: TokenUsage,
    finish_reason: Option<String>,
    declines: bool,
}

impl<'a> Reading<'a> {
    /// Begins to read what a model answers to a request.
    pub(crate) fn new(request: &'a ModelRequest, model: &str, deltas: &'a dyn Deltas) -> Self {
        Self {
            request,
            answer: Answer::new(deltas),
            calls: Vec::new(),
            model: model.to_owned(),
            usage: TokenUsage::default(),
            finish_reason: None,
            declines: false,
        }
    }

    /// Ends when nothing more comes.
    pub(crate) fn end(mut self) -> Result<ModelReply, ModelError> {
        let reason = self.finish_reason.take().ok_or(Unreadable::BrokeOff)?;
        if self.declines {
            return Err(ModelError::Blocked { reason: "refusal".to_owned() });
        }
        let earlier: usize = self.request.rounds.iter().map(|round| round.calls.len()).sum();
        for (place, call) in std::mem::take(&mut self.calls).into_iter().enumerate() {
            self.answer.call(whole(call, earlier + place + 1))?;
        }
        self.answer.end(&ending(&reason), reason, self.usage, self.model)
    }

    fn take(&mut self, delta: Delta) -> Result<(), Unreadable> {
        self.declines |= delta.refusal.is_some_and(|refusal| !refusal.is_empty());
        if let Some(content) = delta.content {
            self.answer.say(&content)?;
        }
        delta.tool_calls.into_iter().flatten().try_for_each(|call| self.take_call(call))
    }

    fn take_call(&mut self, delta: CallDelta) -> Result<(), Unreadable> {
        let id = delta.id.unwrap_or_default();
        let (name, arguments) =
            delta.function.map(|function| (function.name, function.arguments)).unwrap_or_default();
        let (name, arguments) = (name.unwrap_or_default(), arguments.unwrap_or_default());
        self.answer.count(id.len() + name.len() + arguments.len())?;
        let call = self.open_call(delta.index, &id)?;
        if call.id.is_empty() {
            call.id = id;
        }
        call.name.push_str(&name);
        call.arguments.push_str(&arguments);
        Ok(())
    }

    /// Finds the call that a piece belongs to, or begins one. Where there is no index, an id begins a call.
    fn open_call(&mut self, index: Option<usize>, id: &str) -> Result<&mut OpenCall, Unreadable> {
        let place = match index {
            Some(_) => self.calls.iter().position(|call| call.index == index),
            None => self
                .calls
                .len()
                .checked_sub(1)
                .filter(|last| id.is_empty() || self.calls.get(*last).is_some_and(|call| call.id == id)),
        };
        let place = place.unwrap_or(self.calls.len());
        if place == self.calls.len() {
            make_room(place)?;
            self.calls.push(OpenCall { index, ..OpenCall::default() });
        }
        self.calls.get_mut(place).ok_or(Unreadable::WithoutEnd)
    }
}

/// Ends a call. Arguments that cannot be read stay a text, so that the model can be told.
fn whole(call: OpenCall, number: usize) -> ToolCall {
    let id = if call.id.is_empty() { format!("call-{number}") } else { call.id };
    let written = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
    let arguments = serde_json::from_str(written)
        .unwrap_or_else(|_| Value::String(call.arguments.chars().take(MAX_UNREADABLE).collect()));
    ToolCall { id, name: call.name, arguments, provider_data: None }
}

impl Reader for Reading<'_> {
    fn read(&mut self, event: &str) -> Result<Stream, ModelError> {
        if event.trim() == DONE {
            return Ok(Stream::Ended);
        }
        let piece: Piece = serde_json::from_str(event).map_err(Unreadable::from)?;
        if let Some(error) = piece.error {
            return Err(meaning(error.status(), error.said(), self.request));
        }
        if let Some(usage) = piece.usage {
            self.usage = TokenUsage { input: usage.prompt_tokens, output: usage.completion_tokens };
        }
        if let Some(model) = piece.model.filter(|model| !model.is_empty()) {
            self.model = model;
        }
        if let Some(choice) = piece.choices.into_iter().next() {
            if let Some(delta) = choice.delta {
                self.take(delta)?;
            }
            self.finish_reason = choice.finish_reason.or(self.finish_reason.take());
        }
        Ok(Stream::GoesOn)
    }

    fn has_begun(&self) -> bool {
        self.answer.has_begun() || !self.calls.is_empty()
    }

    fn refused(&self, refusal: &Refusal) -> ModelError {
        let body = serde_json::from_slice::<ErrorBody>(&refusal.body);
        let said = body.map(|body| body.error.said()).unwrap_or_default();
        match said.code {
            Some(reason) if BLOCKED.contains(&reason.as_str()) => ModelError::Blocked { reason },
            code => meaning(refusal.status, Said { code, patience: refusal.patience, ..said }, self.request),
        }
    }
}

/// Reads a reason to finish. One that is new to us leaves the answer in the middle.
fn ending(reason: &str) -> Ending {
    match reason {
        "stop" | "tool_calls" | "function_call" => Ending::Whole,
        "length" => Ending::Cut,
        "content_filter" => Ending::Blocked,
        _ => Ending::Failed,
    }
}
