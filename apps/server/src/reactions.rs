//! What follows in other domains from what has happened in a conversation.

use std::sync::Arc;

use async_trait::async_trait;
use conversation::{Claim, ConversationError, PendingEvent, Reactions};
use kernel::StoreError;
use tenancy::TenantScope;

/// A domain that hears of what has happened in conversations.
#[async_trait]
pub trait Reaction: Send + Sync {
    /// Takes an event in. It may come more than once; the second time it MUST change nothing.
    ///
    /// # Errors
    /// When the store fails; the event comes again.
    async fn react(&self, scope: &TenantScope, event: &PendingEvent) -> Result<(), StoreError>;
}

/// Lets other domains hear of what has happened in conversations.
pub struct React {
    /// What waits to be heard.
    pub pending: Arc<dyn Reactions>,
    /// Who hears it.
    pub reactions: Vec<Arc<dyn Reaction>>,
}

impl React {
    /// So many events are heard at once.
    const AT_ONCE: u16 = 50;

    /// Lets the events of a claimed conversation be heard, and ends the claim.
    ///
    /// # Errors
    /// When a store fails. The job stays, and its lease will end.
    pub async fn react(&self, claim: &Claim) -> Result<(), ConversationError> {
        let pending = self.pending.pending(&claim.scope, claim.conversation_id, Self::AT_ONCE).await?;
        for event in &pending {
            for reaction in &self.reactions {
                reaction.react(&claim.scope, event).await?;
            }
        }
        let heard: Vec<_> = pending.iter().map(|event| event.id).collect();
        match self.pending.settle(claim, &heard).await {
            // Another worker holds the job by now, and will hear the same.
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
