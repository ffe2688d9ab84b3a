//! Sums conversations up that become longer than what a model is shown.

use async_trait::async_trait;
use conversation::{PendingEvent, Summarize, TURN_COMMITTED, TurnHeard, WriteError};
use kernel::StoreError;
use tenancy::TenantScope;

use crate::{reactions::Reaction, telemetry::with_sources};

/// Sums up what was said where a turn has found it to be long.
pub struct SummaryReaction(pub Summarize);

#[async_trait]
impl Reaction for SummaryReaction {
    async fn react(&self, scope: &TenantScope, event: &PendingEvent) -> Result<(), StoreError> {
        if event.name != TURN_COMMITTED.name {
            return Ok(());
        }
        let is_long = serde_json::from_str::<TurnHeard>(&event.private).is_ok_and(|heard| heard.is_long);
        if !is_long {
            return Ok(());
        }
        match self.0.summarize(scope, event.conversation_id).await {
            Ok(()) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
            // The next turn asks again, and the model reads the last messages all the same.
            Err(WriteError::Model(error)) => {
                let conversation = event.conversation_id;
                tracing::warn!(conversation.id = %conversation, error = with_sources(&error), "not summed up");
                Ok(())
            }
        }
    }
}
