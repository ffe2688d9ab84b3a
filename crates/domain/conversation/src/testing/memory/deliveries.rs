//! The ledger of what leaves, in memory.

use async_trait::async_trait;
use kernel::{ConversationId, MessageId, StoreError, Timestamp};
use tenancy::{ChannelBinding, TenantScope};

use super::{
    MemoryStores,
    rows::{MessageRow, Sending, TenantRows},
};
use crate::{
    AttemptEnd, Claim, ConsentChange, Conversation, DeliveryLedger, DeliveryReport, DeliveryState, Direction,
    JobKind, OpenAttempt, OutboundText, RefusedSend, Sendable, Stamp, Standing,
};

#[async_trait]
impl DeliveryLedger for MemoryStores {
    async fn next_sendable(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
    ) -> Result<Option<Sendable>, StoreError> {
        Ok(self.with(scope, |rows| rows.next_sendable(conversation)))
    }

    async fn begin_attempt(
        &self,
        claim: &Claim,
        message: MessageId,
        stamp: &Stamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.with(&claim.scope, |rows| rows.begin_attempt(claim, message, *stamp, at))
            .ok_or(StoreError::Conflict)
    }

    async fn end_attempt(
        &self,
        scope: &TenantScope,
        message: MessageId,
        end: &AttemptEnd,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.with(scope, |rows| rows.end_attempt(message, end, at))?;
        self.wake();
        Ok(())
    }

    async fn refuse(
        &self,
        scope: &TenantScope,
        message: MessageId,
        refused: &RefusedSend,
        consent: Option<&ConsentChange>,
    ) -> Result<(), StoreError> {
        self.with(scope, |rows| rows.refuse(message, refused, consent));
        Ok(())
    }

    async fn open_attempts(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
    ) -> Result<Vec<OpenAttempt>, StoreError> {
        Ok(self.with(scope, |rows| rows.open_attempts(conversation)))
    }

    async fn count_look_up(&self, scope: &TenantScope, message: MessageId) -> Result<(), StoreError> {
        self.with(scope, |rows| {
            if let Some(sending) = rows.messages.get_mut(&message).and_then(|row| row.sending.as_mut()) {
                sending.look_ups += 1;
            }
        });
        Ok(())
    }

    async fn report(
        &self,
        scope: &TenantScope,
        report: &DeliveryReport,
        _at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.with(scope, |rows| rows.report(report))
    }
}

impl TenantRows {
    fn next_sendable(&self, id: ConversationId) -> Option<Sendable> {
        let conversation = self.conversations.get(&id)?;
        let row = self.messages_of(id).into_iter().find(|row| row.waits())?;
        let Sending { purpose, attempts, .. } = row.sending.as_ref()?;
        let (text, standing) = (self.text(conversation, row)?, self.standing(conversation));
        let written_at = row.message.created_at;
        Some(Sendable { text, purpose: *purpose, standing, attempts: *attempts, written_at })
    }

    fn text(&self, conversation: &Conversation, row: &MessageRow) -> Option<OutboundText> {
        let binding = self.bindings.get(&conversation.binding_id)?;
        Some(OutboundText {
            id: row.message.id,
            channel: conversation.channel,
            provider: binding.provider(),
            from: binding.address().clone(),
            to: conversation.address.clone(),
            text: row.message.body.text.clone(),
        })
    }

    fn standing(&self, conversation: &Conversation) -> Standing {
        let consent = self.consent(&conversation.address);
        let binding = self.bindings.get(&conversation.binding_id);
        Standing {
            tenant_status: self.status,
            channel_is_active: binding.is_some_and(ChannelBinding::is_active),
            conversation_status: conversation.status,
            owner: conversation.owner,
            consent,
            to: conversation.address.clone(),
            stamp: Stamp {
                conversation: conversation.version,
                consent: consent.version,
                tenant: self.version,
            },
        }
    }

    /// Begins an attempt; `None`, having written nothing, when that must not be.
    fn begin_attempt(
        &mut self,
        claim: &Claim,
        message: MessageId,
        stamp: Stamp,
        at: Timestamp,
    ) -> Option<()> {
        self.claimed(claim).filter(|_| claim.kind == JobKind::Delivery)?;
        let current = self.standing(self.conversations.get(&claim.conversation_id)?).stamp;
        let row = self.messages.get_mut(&message).filter(|row| row.waits())?;
        if row.message.conversation_id != claim.conversation_id || current != stamp {
            return None;
        }
        let sending = row.sending.as_mut()?;
        (sending.waits, sending.attempted_at, sending.look_ups) = (false, at, 0);
        sending.attempts += 1;
        Some(())
    }

    fn end_attempt(&mut self, message: MessageId, end: &AttemptEnd, at: Timestamp) -> Result<(), StoreError> {
        if let AttemptEnd::Accepted { provider_message_id, .. } = end {
            self.name(message, provider_message_id)?;
        }
        let Some(row) = self.messages.get_mut(&message) else {
            return Ok(());
        };
        let Some(sending) = row.sending.as_mut() else {
            return Ok(());
        };
        let reached = match end {
            AttemptEnd::Accepted { state, .. } => *state,
            AttemptEnd::NotTaken => {
                sending.waits = true;
                if row.message.delivery_state == DeliveryState::Unknown {
                    row.message.delivery_state = DeliveryState::Queued;
                }
                row.message.delivery_state
            }
            AttemptEnd::Unknown { .. } => DeliveryState::Unknown,
            AttemptEnd::Failed { .. } => DeliveryState::Failed,
        };
        row.message.delivery_state = row.message.delivery_state.advanced_by(reached);
        let (conversation, is_open) = (row.message.conversation_id, row.is_open());
        match end {
            AttemptEnd::NotTaken if is_open => self.want(conversation, JobKind::Delivery, at),
            AttemptEnd::Unknown { look_up_at } if is_open => {
                self.want(conversation, JobKind::Reconciliation, *look_up_at);
            }
            AttemptEnd::NotTaken
            | AttemptEnd::Unknown { .. }
            | AttemptEnd::Accepted { .. }
            | AttemptEnd::Failed { .. } => {}
        }
        Ok(())
    }

    fn refuse(&mut self, message: MessageId, refused: &RefusedSend, consent: Option<&ConsentChange>) {
        let Some(row) = self.messages.get_mut(&message).filter(|row| row.is_open()) else {
            return;
        };
        row.message.delivery_state = DeliveryState::Refused;
        let id = row.message.conversation_id;
        self.keep_refused(id, refused);
        let address = self.conversations.get(&id).map(|conversation| conversation.address.clone());
        if let (Some(address), Some(change)) = (address, consent) {
            self.change_consent(&address, change);
        }
    }

    fn open_attempts(&self, id: ConversationId) -> Vec<OpenAttempt> {
        let Some(conversation) = self.conversations.get(&id) else {
            return Vec::new();
        };
        let messages = self.messages_of(id);
        let open = messages.iter().filter(|row| row.is_open() && !row.waits());
        let attempts = open.filter_map(|row| {
            let sending = row.sending.as_ref()?;
            let others = messages.iter().filter(|other| other.message.id != row.message.id);
            Some(OpenAttempt {
                state: row.message.delivery_state,
                text: self.text(conversation, row)?,
                attempted_at: sending.attempted_at,
                look_ups: sending.look_ups,
                attempts: sending.attempts,
                known: others.filter_map(|other| other.message.provider_message_id.clone()).collect(),
            })
        });
        attempts.collect()
    }

    fn report(&mut self, report: &DeliveryReport) -> Result<bool, StoreError> {
        let is_meant = |row: &&MessageRow| {
            row.message.direction == Direction::Outbound && row.provider == report.provider
        };
        let by_id = report.message_id.and_then(|id| self.messages.get(&id)).filter(is_meant);
        let by_name = || self.message_with(report.provider, &report.provider_message_id).filter(is_meant);
        let Some(id) = by_id.or_else(by_name).map(|row| row.message.id) else {
            return Ok(false);
        };
        self.name(id, &report.provider_message_id)?;
        if let Some(row) = self.messages.get_mut(&id) {
            row.message.delivery_state = row.message.delivery_state.advanced_by(report.state);
        }
        Ok(true)
    }

    /// Gives a message the carrier's id, if it has none. No two messages have the same.
    fn name(&mut self, id: MessageId, provider_message_id: &str) -> Result<(), StoreError> {
        let Some(row) = self.messages.get(&id).filter(|row| row.message.provider_message_id.is_none()) else {
            return Ok(());
        };
        if self.message_with(row.provider, provider_message_id).is_some() {
            return Err(StoreError::Duplicate);
        }
        if let Some(row) = self.messages.get_mut(&id) {
            row.message.provider_message_id = Some(provider_message_id.to_owned());
        }
        Ok(())
    }
}
