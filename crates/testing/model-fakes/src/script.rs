//! An answer as steps that each provider's format can write down.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{FakeAnswer, HangsWhen};

/// Why a model ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    Stop,
    ToolCalls,
    Blocked,
    /// A provider's own word.
    Word(String),
}

/// One step of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Say(String),
    Think(String),
    Call {
        name: String,
        arguments: Value,
    },
    CallBadly {
        name: String,
        arguments: String,
    },
    Decline(String),
    Fail,
    Finish(Finish),
    /// All tokens were spent on thoughts.
    FinishThinking,
    /// The prompt is refused.
    BlockPrompt,
    /// Bytes as they stand, in the place of an event.
    Raw(String),
    Wait(Duration),
    Break,
    Hang,
}

/// A refusal, before the provider writes it down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The provider's word; `None` for its usual one.
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) header: Option<Duration>,
    pub(crate) in_body: Option<Duration>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: &str) -> Self {
        Self { status, code: None, message: message.to_owned(), header: None, in_body: None }
    }

    pub(crate) fn with_code(self, code: &str) -> Self {
        Self { code: Some(code.to_owned()), ..self }
    }
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Script {
    Refuse(Refusal),
    /// Steps, and into how many bytes the answer is cut.
    Play {
        steps: Vec<Step>,
        piece: Option<usize>,
    },
}

const SENTENCE: [&str; 4] = ["Thank you ", "for writing. ", "How can ", "I help?"];

impl From<FakeAnswer> for Script {
    fn from(answer: FakeAnswer) -> Self {
        let rate_limited = Refusal::new(429, "Too many requests.");
        match answer {
            FakeAnswer::RateLimited { retry_after } => {
                Self::Refuse(Refusal { header: retry_after, in_body: retry_after, ..rate_limited })
            }
            FakeAnswer::RateLimitedInBody { retry_after } => {
                Self::Refuse(Refusal { in_body: Some(retry_after), ..rate_limited })
            }
            FakeAnswer::ServerError => Self::Refuse(Refusal::new(500, "Something broke.")),
            FakeAnswer::Refused { status, code, message } => {
                Self::Refuse(Refusal::new(status, &message).with_code(&code))
            }
            FakeAnswer::InPiecesOf { bytes, answer } => match Self::from(*answer) {
                Self::Play { steps, .. } => Self::Play { steps, piece: Some(bytes) },
                refused @ Self::Refuse(_) => refused,
            },
            played => Self::Play { steps: steps(played), piece: None },
        }
    }
}

fn steps(answer: FakeAnswer) -> Vec<Step> {
    let stop = Step::Finish(Finish::Stop);
    let begin = || Step::Say(SENTENCE.concat());
    match answer {
        FakeAnswer::Says(pieces) => pieces.into_iter().map(Step::Say).chain([stop]).collect(),
        FakeAnswer::Structured(value) => vec![Step::Say(value.to_string()), stop],
        FakeAnswer::Thinks { thoughts, text } => vec![Step::Think(thoughts), Step::Say(text), stop],
        FakeAnswer::Delayed { first, between } => {
            let waits = [first].into_iter().chain(std::iter::repeat(between)).map(Step::Wait);
            let says = SENTENCE.iter().map(|piece| Step::Say((*piece).to_owned()));
            waits.zip(says).flat_map(|(wait, say)| [wait, say]).chain([stop]).collect()
        }
        FakeAnswer::OneMegabyte => {
            let piece = "All work and no play. ".repeat(400);
            let count = 1024 * 1024 / piece.len() + 1;
            std::iter::repeat_n(Step::Say(piece), count).chain([stop]).collect()
        }
        FakeAnswer::OneLine { bytes } => vec![Step::Raw(format!("data: {}", "x".repeat(bytes)))],
        FakeAnswer::Finishes { text, reason } => vec![Step::Say(text), Step::Finish(Finish::Word(reason))],
        FakeAnswer::Empty => vec![stop],
        FakeAnswer::Blocked => vec![Step::BlockPrompt],
        FakeAnswer::Declines => vec![Step::Decline("I cannot help with that.".to_owned()), stop],
        FakeAnswer::StoppedByRules => vec![begin(), Step::Finish(Finish::Blocked)],
        FakeAnswer::MaxTokensWithoutParts => vec![Step::FinishThinking],
        FakeAnswer::Raw(text) => vec![Step::Raw(text)],
        FakeAnswer::RawThenHangs(text) => vec![Step::Raw(text), Step::Hang],
        FakeAnswer::InvalidJson => vec![Step::Raw("data: {\"candidates\": [\n\n".to_owned())],
        FakeAnswer::FailsInTheMiddle => vec![begin(), Step::Fail],
        FakeAnswer::CutInTheMiddle => vec![begin(), Step::Break],
        FakeAnswer::EndsWithoutReason => vec![begin()],
        FakeAnswer::Hangs(HangsWhen::BeforeFirstByte) => vec![Step::Hang],
        FakeAnswer::Hangs(HangsWhen::AfterFirstPiece) => vec![begin(), Step::Hang],
        calls => call_steps(calls),
    }
}

fn call_steps(answer: FakeAnswer) -> Vec<Step> {
    let finish = Step::Finish(Finish::ToolCalls);
    match answer {
        FakeAnswer::CallsTool { name, arguments, text_before, text_after } => {
            let said = |text: String| (!text.is_empty()).then_some(Step::Say(text));
            let call = Step::Call { name, arguments };
            said(text_before).into_iter().chain([call]).chain(said(text_after)).chain([finish]).collect()
        }
        FakeAnswer::CallsTools(calls) => {
            let calls = calls.into_iter().map(|(name, arguments)| Step::Call { name, arguments });
            calls.chain([finish]).collect()
        }
        FakeAnswer::CallsToolBadly { name, arguments } => vec![Step::CallBadly { name, arguments }, finish],
        FakeAnswer::UnknownTool => {
            vec![
                Step::Call { name: "launch_rocket".to_owned(), arguments: json!({ "to": "the moon" }) },
                finish,
            ]
        }
        FakeAnswer::ManyCalls(count) => {
            let call = |number| Step::Call { name: format!("tool_{number}"), arguments: json!({}) };
            (1..=count).map(call).chain([finish]).collect()
        }
        _ => vec![finish],
    }
}
