//! What is told and what waits for reactions, in memory.

use async_trait::async_trait;
use kernel::{ConversationId, DomainEvent, EventFact, EventId, StoreError};
use tenancy::{EventPosition, RecordedEvent, TenantScope};

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

    /// Returns events as a reader sees them.
    pub(super) fn told(&self) -> Vec<RecordedEvent> {
        let recorded = |(place, (_, event)): (i64, &(ConversationId, DomainEvent))| RecordedEvent {
            position: EventPosition { round: 0, place },
            id: event.id,
            name: event.name.name.to_owned(),
            version: event.name.version,
            at: event.at,
            facts: facts_text(&event.facts),
        };
        (1..).zip(&self.events).map(recorded).collect()
    }
}

fn facts_text(facts: &[(&'static str, EventFact)]) -> String {
    let facts = facts.iter().map(|(name, fact)| ((*name).to_owned(), serde_json::json!(fact)));
    serde_json::Value::Object(facts.collect()).to_string()
}
