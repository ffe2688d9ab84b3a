//! The ledger of what leaves, in memory.

use async_trait::async_trait;
use kernel::{ConversationId, MessageId, StoreError, Timestamp};
use tenancy::{ChannelBinding, TenantScope};

use super::{
    MemoryStores,
    rows::{MessageRow, Sending, TenantRows},
};
use crate::{
    Attempt, AttemptEnd, Claim, ConsentChange, Conversation, DeliveryJob, DeliveryLedger, DeliveryReport,
    DeliveryState, Direction, JobKind, OpenAttempt, OutboundText, Outgoing, RefusedSend, SendGate, Standing,
    Verdict,
};

#[async_trait]
impl DeliveryLedger for MemoryStores {
    async fn begin_next(
        &self,
        claim: &Claim,
        account_sid: Option<&str>,
        at: Timestamp,
        look_up_at: Timestamp,
    ) -> Result<Option<Outgoing>, StoreError> {
        let next = self.with(&claim.scope, |rows| rows.begin_next(claim, account_sid, at, look_up_at))?;
        self.wake();
        Ok(next)
    }

    async fn end_send(
        &self,
        claim: &Claim,
        attempt: Attempt,
        end: &AttemptEnd,
        _at: Timestamp,
    ) -> Result<DeliveryJob, StoreError> {
        let job = self.with(&claim.scope, |rows| rows.end_send(claim, attempt, end))?;
        self.wake();
        Ok(job)
    }

    async fn end_attempt(
        &self,
        scope: &TenantScope,
        attempt: Attempt,
        end: &AttemptEnd,
        _at: Timestamp,
    ) -> Result<(), StoreError> {
        self.with(scope, |rows| rows.end_attempt(attempt, end))?;
        self.wake();
        Ok(())
    }

    async fn refuse(
        &self,
        scope: &TenantScope,
        attempt: Attempt,
        refused: &RefusedSend,
        consent: Option<&ConsentChange>,
    ) -> Result<(), StoreError> {
        self.with(scope, |rows| rows.refuse(attempt, refused, consent))
    }

    async fn open_attempts(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
    ) -> Result<Vec<OpenAttempt>, StoreError> {
        Ok(self.with(scope, |rows| rows.open_attempts(conversation)))
    }

    async fn count_look_up(&self, scope: &TenantScope, attempt: Attempt) -> Result<(), StoreError> {
        self.with(scope, |rows| {
            let sending = rows.messages.get_mut(&attempt.message).and_then(|row| row.sending.as_mut());
            if let Some(sending) = sending.filter(|sending| sending.attempts == attempt.number) {
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
    fn begin_next(
        &mut self,
        claim: &Claim,
        account_sid: Option<&str>,
        at: Timestamp,
        look_up_at: Timestamp,
    ) -> Result<Option<Outgoing>, StoreError> {
        let id = claim.conversation_id;
        self.claimed(claim).filter(|_| claim.kind == JobKind::Delivery).ok_or(StoreError::Conflict)?;
        self.break_off(id, look_up_at);
        let Some(outgoing) = self.next_of(id, at) else {
            self.finish(claim);
            return Ok(None);
        };
        let sending = self.messages.get_mut(&outgoing.text.id).and_then(|row| row.sending.as_mut());
        if let (Some(sending), Verdict::Allow) = (sending, outgoing.verdict) {
            (sending.waits, sending.attempted_at, sending.look_ups) = (false, at, 0);
            sending.attempts += 1;
            sending.account_sid = account_sid.map(str::to_owned);
        }
        Ok(Some(outgoing))
    }

    /// Makes unknown what was begun in a conversation and has not ended.
    fn break_off(&mut self, id: ConversationId, look_up_at: Timestamp) {
        let is_begun = |row: &&mut MessageRow| {
            row.message.conversation_id == id
                && row.message.delivery_state == DeliveryState::Queued
                && row.sending.as_ref().is_some_and(|sending| !sending.waits)
        };
        let mut broken = self.messages.values_mut().filter(is_begun).peekable();
        let is_any = broken.peek().is_some();
        broken.for_each(|row| row.message.delivery_state = DeliveryState::Unknown);
        if is_any {
            self.want(id, JobKind::Reconciliation, look_up_at);
        }
    }

    /// Returns the oldest message of a conversation that waits to leave, and whether it may.
    fn next_of(&self, id: ConversationId, at: Timestamp) -> Option<Outgoing> {
        let conversation = self.conversations.get(&id)?;
        let row = self.messages_of(id).into_iter().find(|row| row.waits())?;
        let Sending { purpose, attempts, .. } = row.sending.as_ref()?;
        Some(Outgoing {
            text: self.text(conversation, row)?,
            verdict: SendGate::judge(&self.standing(conversation), *purpose, at),
            attempts: *attempts,
            written_at: row.message.created_at,
        })
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
        let binding = self.bindings.get(&conversation.binding_id);
        Standing {
            tenant_status: self.status,
            channel_is_active: binding.is_some_and(ChannelBinding::is_active),
            conversation_status: conversation.status,
            owner: conversation.owner,
            consent: self.consent(&conversation.address),
            to: conversation.address.clone(),
        }
    }

    fn end_send(
        &mut self,
        claim: &Claim,
        attempt: Attempt,
        end: &AttemptEnd,
    ) -> Result<DeliveryJob, StoreError> {
        let id = claim.conversation_id;
        self.messages
            .get(&attempt.message)
            .filter(|row| row.message.conversation_id == id)
            .ok_or(StoreError::Conflict)?;
        let waits_again = self.record_end(attempt, end)?;
        let waits = self.messages_of(id).into_iter().any(MessageRow::waits);
        if self.claimed(claim).is_none() {
            self.want_delivery(id, waits_again);
            return Ok(DeliveryJob::Lost);
        }
        if let Some(again_at) = waits_again {
            self.give_back(claim, again_at);
            return Ok(DeliveryJob::GivenBack);
        }
        if waits {
            return Ok(DeliveryJob::GoesOn);
        }
        self.finish(claim);
        Ok(DeliveryJob::Done)
    }

    fn end_attempt(&mut self, attempt: Attempt, end: &AttemptEnd) -> Result<(), StoreError> {
        let waits_again = self.record_end(attempt, end)?;
        let row = self.messages.get(&attempt.message).ok_or(StoreError::Conflict)?;
        self.want_delivery(row.message.conversation_id, waits_again);
        Ok(())
    }

    fn want_delivery(&mut self, id: ConversationId, waits_again: Option<Timestamp>) {
        if let Some(again_at) = waits_again {
            self.want(id, JobKind::Delivery, again_at);
        }
    }

    /// Records how an attempt ended. Returns when the message is to be tried again, if it waits now.
    fn record_end(
        &mut self,
        Attempt { message, number }: Attempt,
        end: &AttemptEnd,
    ) -> Result<Option<Timestamp>, StoreError> {
        let row = self.messages.get(&message).ok_or(StoreError::Conflict)?;
        let is_over = !row.is_open() || row.waits() || row.attempts() != number;
        if is_over && !matches!(end, AttemptEnd::Accepted { .. }) {
            return Ok(None);
        }
        if let AttemptEnd::Accepted { provider_message_id, .. } = end {
            self.name(message, provider_message_id)?;
        }
        let row = self.messages.get_mut(&message).ok_or(StoreError::Conflict)?;
        let sending = row.sending.as_mut().ok_or(StoreError::Conflict)?;
        let (reached, code) = match end {
            AttemptEnd::Accepted { state, .. } => (*state, None),
            AttemptEnd::NotTaken { again_at } => {
                sending.waits = true;
                row.message.delivery_state = DeliveryState::Queued;
                return Ok(Some(*again_at));
            }
            AttemptEnd::Unknown { .. } => (DeliveryState::Unknown, None),
            AttemptEnd::Failed { code } => (DeliveryState::Failed, Some(code.as_str())),
        };
        row.advance(reached, code);
        let conversation = row.message.conversation_id;
        if let AttemptEnd::Unknown { look_up_at } = end {
            self.want(conversation, JobKind::Reconciliation, *look_up_at);
        }
        Ok(None)
    }

    fn refuse(
        &mut self,
        attempt: Attempt,
        refused: &RefusedSend,
        consent: Option<&ConsentChange>,
    ) -> Result<(), StoreError> {
        let row = self.messages.get_mut(&attempt.message).ok_or(StoreError::Conflict)?;
        let id = row.message.conversation_id;
        if row.is_open() && row.attempts() == attempt.number {
            row.message.delivery_state = DeliveryState::Refused;
            self.keep_refused(id, refused);
        }
        let address = self.conversations.get(&id).map(|conversation| conversation.address.clone());
        if let (Some(address), Some(change)) = (address, consent) {
            self.change_consent(&address, change);
        }
        Ok(())
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
                account_sid: sending.account_sid.clone(),
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
        let by_name = self.message_with(report.provider, &report.provider_message_id).filter(is_meant);
        let is_unnamed = |row: &&MessageRow| row.message.provider_message_id.is_none();
        let by_id = || report.message_id.and_then(|id| self.messages.get(&id));
        let by_id = || by_id().filter(is_meant).filter(is_unnamed);
        let Some(id) = by_name.or_else(by_id).map(|row| row.message.id) else {
            return Ok(false);
        };
        self.name(id, &report.provider_message_id)?;
        if let Some(row) = self.messages.get_mut(&id) {
            row.advance(report.state, report.error_code.as_deref());
        }
        Ok(true)
    }

    /// Gives a message the carrier's id. No two messages have the same.
    fn name(&mut self, id: MessageId, provider_message_id: &str) -> Result<(), StoreError> {
        let Some(row) = self.messages.get(&id) else {
            return Ok(());
        };
        let named = self.message_with(row.provider, provider_message_id);
        if named.is_some_and(|other| other.message.id != id) {
            return Err(StoreError::Duplicate);
        }
        if let Some(row) = self.messages.get_mut(&id) {
            row.message.provider_message_id = Some(provider_message_id.to_owned());
        }
        Ok(())
    }
}
