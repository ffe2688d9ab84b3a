//! What a test may let a model answer.

use std::time::Duration;

use serde_json::Value;

/// When a model stops writing without ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangsWhen {
    /// Before it has said anything.
    BeforeFirstByte,
    /// After its first piece.
    AfterFirstPiece,
}

/// What a model answers to one request.
#[derive(Clone, Debug, PartialEq)]
pub enum FakeAnswer {
    /// Words, in these pieces.
    Says(Vec<String>),
    /// A call of a tool in the middle of words.
    CallsTool {
        /// The tool.
        name: String,
        /// What it is given.
        arguments: Value,
        /// What is said before; may be empty.
        text_before: String,
        /// What is said after; may be empty.
        text_after: String,
    },
    /// Several calls at once, each a tool and what it is given.
    CallsTools(Vec<(String, Value)>),
    /// A call whose arguments are this text as it stands. Gemini has no such thing: there the text is no argument's
    /// value but is left out.
    CallsToolBadly {
        /// The tool.
        name: String,
        /// The text in the place of arguments.
        arguments: String,
    },
    /// A call of a tool that nobody offered.
    UnknownTool,
    /// The connection breaks after the first piece.
    CutInTheMiddle,
    /// The answer ends politely after the first piece, without a reason to finish.
    EndsWithoutReason,
    /// 429, in the header and, where the provider has a place for it, in the body.
    RateLimited {
        /// How long the caller is asked to wait, in whole seconds.
        retry_after: Option<Duration>,
    },
    /// 429 without a header; only the body asks to wait, where the provider has a place for it.
    RateLimitedInBody {
        /// How long the caller is asked to wait.
        retry_after: Duration,
    },
    /// 500.
    ServerError,
    /// A refusal in the provider's own shape.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The provider's word for it.
        code: String,
        /// The provider's sentence.
        message: String,
    },
    /// The service fails after the first piece and says so in the stream.
    FailsInTheMiddle,
    /// Nothing, for no reason.
    Empty,
    /// The prompt is refused by the provider's rules.
    Blocked,
    /// The provider's rules stop the answer after the first piece.
    StoppedByRules,
    /// OpenAI's polite refusal. Gemini has none: there it is [`FakeAnswer::Blocked`].
    Declines,
    /// All tokens went into thoughts.
    MaxTokensWithoutParts,
    /// Words that end for this reason, in the provider's own word.
    Finishes {
        /// The words.
        text: String,
        /// The provider's reason.
        reason: String,
    },
    /// A megabyte of words.
    OneMegabyte,
    /// One event without end.
    OneLine {
        /// How many bytes it has.
        bytes: usize,
    },
    /// So many calls of tools.
    ManyCalls(usize),
    /// These bytes in the place of events, and the end.
    Raw(String),
    /// These bytes in the place of events, and no end.
    RawThenHangs(String),
    /// Something that is no JSON.
    InvalidJson,
    /// Nothing more comes, and the connection stays.
    Hangs(HangsWhen),
    /// Words, slowly.
    Delayed {
        /// Before the first.
        first: Duration,
        /// Before each other.
        between: Duration,
    },
    /// Thoughts, then words.
    Thinks {
        /// The thoughts.
        thoughts: String,
        /// The words.
        text: String,
    },
    /// JSON, as asked for.
    Structured(Value),
    /// An answer whose bytes come in pieces of this size.
    InPiecesOf {
        /// How many bytes each has.
        bytes: usize,
        /// The answer.
        answer: Box<FakeAnswer>,
    },
}

impl FakeAnswer {
    /// Says words in one piece.
    pub fn says(text: impl Into<String>) -> Self {
        Self::Says(vec![text.into()])
    }
}
