//! What was said before the last messages, in short, and the port to where that is kept.

use async_trait::async_trait;
use kernel::{ConversationId, DomainEvent, MessageId, StoreError, Timestamp};
use tenancy::TenantScope;

use crate::{
    conversation::Conversation,
    message::{Message, shows_only},
    turn::Spent,
};

/// What was said in a conversation up to some message, in short.
#[derive(Clone, PartialEq, Eq)]
pub struct Summary {
    /// What was said.
    pub text: String,
    /// The last message that it covers.
    pub through: MessageId,
    /// When that was.
    pub through_at: Timestamp,
}

shows_only!(Summary: through, through_at);

impl Summary {
    /// The longest text, in characters.
    pub const MAX_LENGTH: usize = 2_000;

    /// Tells whether a message is one of those that it covers.
    pub fn covers(&self, message: &Message) -> bool {
        (message.created_at, message.id) <= (self.through_at, self.through)
    }
}

/// A conversation with what no summary covers yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsummarized {
    /// The conversation.
    pub conversation: Conversation,
    /// The summary so far.
    pub summary: Option<Summary>,
    /// The last messages that it does not cover, oldest first.
    pub messages: Vec<Message>,
}

/// A summary about to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryChange {
    /// The last message that the summary covered which this one was made from.
    pub read_through: Option<MessageId>,
    /// The summary from now on.
    pub summary: Summary,
    /// What making it took.
    pub spent: Vec<Spent>,
    /// When it was made.
    pub at: Timestamp,
    /// What others are to hear of it.
    pub event: DomainEvent,
}

/// Keeps summaries, one for each conversation. An adapter MUST keep their texts sealed.
#[async_trait]
pub trait Summaries: Send + Sync {
    /// Returns what no summary covers, at most `most` messages, which are the last; `None` when there is no such
    /// conversation.
    ///
    /// # Errors
    /// When the store fails.
    async fn unsummarized(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        most: u16,
    ) -> Result<Option<Unsummarized>, StoreError>;

    /// Keeps a summary and its event, and adds what it took to the day's usage.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the summary is not the one that was read. Then nothing is written.
    async fn keep_summary(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        change: &SummaryChange,
    ) -> Result<(), StoreError>;
}
