//! The port to what has happened in a conversation and waits for other domains to react to it.

use async_trait::async_trait;
use kernel::{ContactId, ConversationId, EventId, StoreError, Timestamp};
use tenancy::{Channel, TenantScope};

use crate::{claim::Claim, message::shows_only};

/// An event that waits for a reaction.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingEvent {
    /// The event's id; whoever sees it a second time has reacted already.
    pub id: EventId,
    /// The event's name.
    pub name: String,
    /// When it happened.
    pub at: Timestamp,
    /// The conversation that it happened in.
    pub conversation_id: ConversationId,
    /// With whom.
    pub contact_id: ContactId,
    /// On which channel.
    pub channel: Channel,
    /// What only other domains of the same tenant may read, as JSON.
    pub private: String,
}

shows_only!(PendingEvent: id, name, at, conversation_id);

/// Keeps what waits for a reaction. It is written by the change that it tells of: an event with a private part waits,
/// and brings a [`JobKind::Reaction`](crate::JobKind::Reaction) that is due at once.
#[async_trait]
pub trait Reactions: Send + Sync {
    /// Returns what waits in a conversation, oldest first, at most `limit` events.
    ///
    /// # Errors
    /// When the store fails.
    async fn pending(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
        limit: u16,
    ) -> Result<Vec<PendingEvent>, StoreError>;

    /// Ends the waiting of these events and the claim: the job goes, unless more waits. An adapter MUST erase their
    /// private parts: what was said is kept once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the claim's fence is not the job's any more. Then nothing is written.
    async fn settle(&self, claim: &Claim, events: &[EventId]) -> Result<(), StoreError>;
}
