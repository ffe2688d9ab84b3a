//! What waits for reactions, in memory.

use async_trait::async_trait;
use kernel::{ConversationId, EventId, StoreError};
use tenancy::TenantScope;

use super::{MemoryStores, rows::TenantRows};
use crate::{Claim, JobKind, PendingEvent, Reactions};

#[async_trait]
impl Reactions for MemoryStores {
    async fn pending(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
        limit: u16,
    ) -> Result<Vec<PendingEvent>, StoreError> {
        Ok(self.with(scope, |rows| {
            let mut pending = rows.pending(conversation);
            pending.truncate(usize::from(limit));
            pending
        }))
    }

    async fn settle(&self, claim: &Claim, events: &[EventId]) -> Result<(), StoreError> {
        self.with(&claim.scope, |rows| {
            let held = rows.claimed(claim).filter(|_| claim.kind == JobKind::Reaction).map(|job| job.wanted);
            let wanted = held.ok_or(StoreError::Conflict)?;
            let id = claim.conversation_id;
            for (_, event) in
                rows.events.iter_mut().filter(|(of, event)| *of == id && events.contains(&event.id))
            {
                event.private = None;
            }
            let is_left = !rows.pending(id).is_empty();
            rows.end(claim, is_left || wanted > claim.wanted);
            Ok(())
        })?;
        self.wake();
        Ok(())
    }
}

impl TenantRows {
    fn pending(&self, id: ConversationId) -> Vec<PendingEvent> {
        let Some(conversation) = self.conversations.get(&id) else { return Vec::new() };
        let of_it = self.events.iter().filter(|(of, _)| *of == id);
        of_it
            .filter_map(|(_, event)| {
                Some(PendingEvent {
                    id: event.id,
                    name: event.name.name.to_owned(),
                    at: event.at,
                    conversation_id: id,
                    contact_id: conversation.contact_id,
                    channel: conversation.channel,
                    private: event.private.clone()?,
                })
            })
            .collect()
    }
}
