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
    /// Lets the oldest event of a claimed conversation be heard, and ends the claim; the job stays while more wait. One at a
    /// time, because whoever hears it may ask a model, and the job is held for the time of one answer.
    ///
    /// # Errors
    /// When a store fails. The job stays, and its lease will end.
    pub async fn react(&self, claim: &Claim) -> Result<(), ConversationError> {
        let pending = self.pending.pending(&claim.scope, claim.conversation_id, 1).await?;
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use chrono::TimeDelta;
    use conversation::JobKind;
    use kernel::{ContactId, ConversationId, EventId, TenantId, Timestamp};
    use tenancy::Channel;
    use uuid::Uuid;

    use super::*;

    fn scope() -> TenantScope {
        tenancy::testing::platform().tenant(TenantId::new(Uuid::from_u128(1)))
    }

    fn claim() -> Claim {
        let conversation_id = ConversationId::new(Uuid::from_u128(2));
        Claim { scope: scope(), kind: JobKind::Reaction, conversation_id, fence: 1, wanted: 1, attempts: 0 }
    }

    /// Events that wait in one conversation, and who has heard of which.
    #[derive(Default)]
    struct Told {
        waiting: Mutex<Vec<EventId>>,
        heard: Mutex<Vec<EventId>>,
    }

    #[async_trait]
    impl Reactions for Told {
        async fn pending(
            &self,
            _: &TenantScope,
            conversation_id: ConversationId,
            limit: u16,
        ) -> Result<Vec<PendingEvent>, StoreError> {
            let waiting = self.waiting.lock().unwrap();
            let event = |id: &EventId| PendingEvent {
                id: *id,
                name: "turn.committed".to_owned(),
                at: Timestamp::default() + TimeDelta::seconds(1),
                conversation_id,
                contact_id: ContactId::new(Uuid::from_u128(3)),
                channel: Channel::Sms,
                private: String::new(),
            };
            Ok(waiting.iter().take(usize::from(limit)).map(event).collect())
        }

        async fn settle(&self, _: &Claim, settled: &[EventId]) -> Result<(), StoreError> {
            self.waiting.lock().unwrap().retain(|id| !settled.contains(id));
            Ok(())
        }
    }

    #[async_trait]
    impl Reaction for Told {
        async fn react(&self, _: &TenantScope, event: &PendingEvent) -> Result<(), StoreError> {
            self.heard.lock().unwrap().push(event.id);
            Ok(())
        }
    }

    #[tokio::test]
    async fn each_event_is_settled_before_the_next_is_heard() {
        let told = Arc::new(Told::default());
        let ids = [1, 2, 3].map(|id| EventId::new(Uuid::from_u128(id)));
        told.waiting.lock().unwrap().extend(ids);
        let hearer: Arc<dyn Reaction> = Arc::<Told>::clone(&told);
        let react = React { pending: Arc::<Told>::clone(&told), reactions: vec![hearer] };
        for heard in 1..=3 {
            react.react(&claim()).await.unwrap();
            assert_eq!(*told.heard.lock().unwrap(), ids[..heard]);
            assert_eq!(*told.waiting.lock().unwrap(), ids[heard..]);
        }
    }
}
