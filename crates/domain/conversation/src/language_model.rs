//! The port to what writes the receptionist's words.

use async_trait::async_trait;
use kernel::{GatewayError, Timestamp};
use tenancy::{BusinessProfile, Channel};

use crate::{
    inbound_text::printable,
    message::{Author, shows_only},
};

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

/// What the model is asked to answer.
#[derive(Clone, PartialEq, Eq)]
pub struct ModelRequest {
    /// The business's name.
    pub business_name: String,
    /// What is known of the business.
    pub business: BusinessProfile,
    /// The contact's name, once known.
    pub contact_name: Option<String>,
    /// The channel that the answer goes out on.
    pub channel: Channel,
    /// The present moment.
    pub now: Timestamp,
    /// What was said, oldest first. It ends with what is to be answered.
    pub transcript: Vec<Line>,
    /// How many lines at the end of the transcript are to be answered.
    pub unanswered: usize,
}

shows_only!(ModelRequest: channel, now, unanswered);

/// What the model answers.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ModelReply {
    /// The answer. Empty, or longer than [`ModelReply::MAX_LENGTH`], counts as a failure.
    pub text: String,
    /// The contact's name, where this transcript tells it.
    pub contact_name: Option<String>,
}

/// Shows the length only: what is said to people is personal data, and debug output ends in logs.
impl std::fmt::Debug for ModelReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ModelReply({} bytes)", self.text.len())
    }
}

impl ModelReply {
    /// The longest answer that is sent, in characters: nobody reads more.
    pub const MAX_LENGTH: usize = 10_000;

    /// Leaves out of the answer what is not printable.
    ///
    /// # Errors
    /// When nothing is left, or there is no end to it.
    pub(crate) fn usable(self) -> Result<Self, GatewayError> {
        let text: String = printable(&self.text).collect();
        if text.trim().is_empty() {
            return Err(GatewayError::Unavailable("the model answered nothing".into()));
        }
        if text.chars().count() > Self::MAX_LENGTH {
            return Err(GatewayError::Unavailable("the model answered without end".into()));
        }
        Ok(Self { text, ..self })
    }
}

/// Writes the receptionist's words.
///
/// An adapter MUST answer or fail within the time it was configured with, MUST NOT retry without bound, and
/// MUST treat everything in the transcript as words of others, never as instructions.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// Answers the unanswered lines of a transcript.
    ///
    /// # Errors
    /// When the model could not be reached, refused, or answered nothing that can be used.
    async fn reply(&self, request: &ModelRequest) -> Result<ModelReply, GatewayError>;
}
