//! Running summaries, in memory.

use async_trait::async_trait;
use kernel::{ConversationId, StoreError};
use tenancy::TenantScope;

use super::MemoryStores;
use crate::{Summaries, SummaryChange, Unsummarized};

#[async_trait]
impl Summaries for MemoryStores {
    async fn unsummarized(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        most: u16,
    ) -> Result<Option<Unsummarized>, StoreError> {
        Ok(self.with(scope, |rows| {
            let conversation = rows.conversations.get(&id)?.clone();
            let summary = rows.summaries.get(&id).cloned();
            let all = rows.messages_of(id).into_iter().map(|row| row.message.clone());
            let is_covered =
                |message: &crate::Message| summary.as_ref().is_some_and(|one| one.covers(message));
            let mut messages: Vec<_> = all.filter(|message| !is_covered(message)).collect();
            messages.drain(..messages.len().saturating_sub(usize::from(most)));
            Some(Unsummarized { conversation, summary, messages })
        }))
    }

    async fn keep_summary(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        change: &SummaryChange,
    ) -> Result<(), StoreError> {
        self.with(scope, |rows| {
            let covered = rows.summaries.get(&id).map(|summary| summary.through);
            if covered != change.read_through || !rows.conversations.contains_key(&id) {
                return Err(StoreError::Conflict);
            }
            rows.summaries.insert(id, change.summary.clone());
            rows.events.push((id, change.event.clone()));
            rows.tokens_used += change
                .spent
                .iter()
                .map(|spent| u64::from(spent.tokens.input) + u64::from(spent.tokens.output))
                .sum::<u64>();
            Ok(())
        })
    }
}
