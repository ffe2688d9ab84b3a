//! The ledger of what leaves, as both databases keep it.

use async_trait::async_trait;
use conversation::{
    Attempt, AttemptEnd, Claim, ConsentChange, DeliveryJob, DeliveryLedger, DeliveryReport, DeliveryState,
    JobKind, OpenAttempt, Outgoing, RefusedSend, SendGate, Verdict, consent_changed,
};
use diesel::{ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, MessageId, StoreError, TenantId, Timestamp};
use tenancy::{BlindIndex, TenantScope};

use crate::{
    Stores,
    attempt_rows::{self, tell_delivery},
    contact_store::write_consent,
    conversation_rows::find_conversation,
    delivery_jobs::{end_claim, give_back},
    delivery_rows::{
        DeliveryRow, Stands, address_of, find_sender, find_state, find_waiting, hold_message, hold_reported,
        known_ids, outbound_text,
    },
    errors::{corrupt, store_error},
    event_rows::write_events,
    locks::{self, hold_conversation},
    message_rows::{read_purpose, write_refused},
    schema::messages,
    turn_commit::{check_fence, want_job},
    types::{Conn, Id, Ts},
};

#[async_trait]
impl DeliveryLedger for Stores {
    async fn begin_next(
        &self,
        claim: &Claim,
        account_sid: Option<&str>,
        at: Timestamp,
        look_up_at: Timestamp,
    ) -> Result<Option<Outgoing>, StoreError> {
        if claim.kind != JobKind::Delivery {
            return Err(StoreError::Conflict);
        }
        let (tenant, conversation) = (claim.scope.tenant_id(), claim.conversation_id);
        let mut tx = self.db.write(&claim.scope).await?;
        hold_conversation(&mut tx, tenant, conversation).await?;
        check_fence(&mut tx, tenant, claim).await?;
        attempt_rows::break_off(&mut tx, tenant, conversation, (at, look_up_at)).await?;
        let Some(row) = find_waiting(&mut tx, tenant, conversation).await? else {
            end_claim(&mut tx, tenant, claim).await?;
            tx.commit().await?;
            self.db.signal_work();
            return Ok(None);
        };
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        let sender =
            find_sender(&mut tx, (tenant, &*vault), conversation).await?.ok_or(StoreError::Conflict)?;
        let verdict = SendGate::judge(&sender.standing, read_purpose(row.purpose.as_deref())?, at);
        if verdict == Verdict::Allow {
            let message = MessageId::new(row.id.0);
            attempt_rows::begin(&mut tx, tenant, message, (account_sid, at)).await?;
        }
        let (attempts, written_at) = (row.attempts, row.created_at.0);
        let text = outbound_text(&sender, row)?;
        tx.commit().await?;
        Ok(Some(Outgoing { text, verdict, attempts, written_at }))
    }

    async fn end_send(
        &self,
        claim: &Claim,
        attempt: Attempt,
        end: &AttemptEnd,
        at: Timestamp,
    ) -> Result<DeliveryJob, StoreError> {
        let (tenant, conversation) = (claim.scope.tenant_id(), claim.conversation_id);
        let mut tx = self.db.write(&claim.scope).await?;
        hold_conversation(&mut tx, tenant, conversation).await?;
        let found = find_state(&mut tx, tenant, attempt.message).await?;
        let stands = found.filter(|found| found.conversation == conversation).ok_or(StoreError::Conflict)?;
        let waits = attempt_rows::end(&mut tx, tenant, (attempt, stands), end, at).await?;
        let job = match end {
            AttemptEnd::NotTaken { again_at } if waits => {
                give_back(&mut tx, tenant, claim, *again_at).await?
            }
            AttemptEnd::NotTaken { .. }
            | AttemptEnd::Accepted { .. }
            | AttemptEnd::Unknown { .. }
            | AttemptEnd::Failed { .. } => end_claim(&mut tx, tenant, claim).await?,
        };
        if job == DeliveryJob::Lost {
            want_delivery(&mut tx, tenant, conversation, (waits, end)).await?;
        }
        tx.commit().await?;
        self.db.signal_work();
        Ok(job)
    }

    async fn end_attempt(
        &self,
        scope: &TenantScope,
        attempt: Attempt,
        end: &AttemptEnd,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.write(scope).await?;
        let Some(stands) = hold_message(&mut tx, tenant, attempt.message).await? else {
            return Err(StoreError::Conflict);
        };
        let waits = attempt_rows::end(&mut tx, tenant, (attempt, stands), end, at).await?;
        want_delivery(&mut tx, tenant, stands.conversation, (waits, end)).await?;
        tx.commit().await?;
        self.db.signal_work();
        Ok(())
    }

    async fn refuse(
        &self,
        scope: &TenantScope,
        attempt: Attempt,
        refused: &RefusedSend,
        consent: Option<&ConsentChange>,
    ) -> Result<(), StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.write(scope).await?;
        let message = attempt.message;
        if consent.is_some() && locks::WRITERS_MEET {
            let index = address_of(&mut tx, tenant, message).await?.ok_or(StoreError::Conflict)?;
            locks::hold_for_consent(&mut tx, tenant, &index).await?;
        }
        let Some(stands) = hold_message(&mut tx, tenant, message).await? else {
            return Err(StoreError::Conflict);
        };
        // It has left meanwhile, or is about to: a late verdict does not change that.
        let is_late = !stands.waits_after(attempt) && !stands.is_open(attempt);
        if is_late && consent.is_none() {
            return tx.commit().await;
        }
        let conversation = stands.conversation;
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        let opened =
            find_conversation(&mut tx, (tenant, &*vault), conversation).await?.ok_or(StoreError::Conflict)?;
        if !is_late {
            diesel::update(messages::table.find((Id(tenant.uuid()), Id(message.uuid()))))
                .set((
                    messages::waits.eq(false),
                    messages::attempted_at.eq(None::<Ts>),
                    messages::delivery_state.eq(DeliveryState::Refused.as_str()),
                ))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
            write_refused(&mut tx, tenant, (conversation, &*opened.vault), refused).await?;
        }
        if let Some(change) = consent {
            let index =
                BlindIndex(opened.address_index.as_slice().try_into().map_err(|_| corrupt("address index"))?);
            write_consent(&mut tx, (tenant, &*vault), &index, change).await?;
            let told = consent_changed(change, conversation);
            write_events(&mut tx, (tenant, &*vault), Some(conversation), &[told]).await?;
        }
        if !is_late {
            let now = (DeliveryState::Refused, refused.at);
            tell_delivery(&mut tx, tenant, (conversation, message), now).await?;
        }
        tx.commit().await
    }

    async fn open_attempts(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
    ) -> Result<Vec<OpenAttempt>, StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.read(scope).await?;
        let rows = messages::table
            .filter(messages::tenant_id.eq(Id(tenant.uuid())))
            .filter(messages::conversation_id.eq(Id(conversation.uuid())))
            .filter(messages::attempted_at.is_not_null())
            .order((messages::created_at.asc(), messages::id.asc()))
            .select(DeliveryRow::as_select())
            .load::<DeliveryRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        let Some(sender) = find_sender(&mut tx, (tenant, &*vault), conversation).await? else {
            return Ok(Vec::new());
        };
        let known = known_ids(&mut tx, tenant, &sender.opened).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(OpenAttempt {
                    account_sid: row.account_sid.take(),
                    state: DeliveryState::from_name(&row.delivery_state)
                        .ok_or_else(|| corrupt("delivery state"))?,
                    attempted_at: row.attempted_at.ok_or_else(|| corrupt("attempt"))?.0,
                    look_ups: row.look_ups,
                    attempts: row.attempts,
                    known: known.clone(),
                    text: outbound_text(&sender, row)?,
                })
            })
            .collect()
    }

    async fn count_look_up(&self, scope: &TenantScope, attempt: Attempt) -> Result<(), StoreError> {
        let mut tx = self.db.write(scope).await?;
        diesel::update(messages::table.find((Id(scope.tenant_id().uuid()), Id(attempt.message.uuid()))))
            .filter(messages::attempts.eq(attempt.number))
            .set(messages::look_ups.eq(messages::look_ups + 1))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await
    }

    async fn report(
        &self,
        scope: &TenantScope,
        report: &DeliveryReport,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.write(scope).await?;
        let Some((message, stands)) = hold_reported(&mut tx, tenant, report).await? else {
            tx.commit().await?;
            return Ok(false);
        };
        let Stands { state, conversation, .. } = stands;
        let after = state.advanced_by(report.state);
        let row = messages::table.find((Id(tenant.uuid()), Id(message.uuid())));
        diesel::update(row)
            .set((
                messages::delivery_state.eq(after.as_str()),
                // The carrier has it, so it waits no more, even if we had taken it for never sent.
                messages::waits.eq(false),
                messages::attempted_at.eq(None::<Ts>),
                messages::provider_message_id.eq(&report.provider_message_id),
                (after != state).then(|| messages::error_code.eq(&report.error_code)),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if after != state {
            tell_delivery(&mut tx, tenant, (conversation, message), (after, at)).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Asks for the delivery of a message that waits again.
async fn want_delivery(
    conn: &mut Conn,
    tenant: TenantId,
    conversation: ConversationId,
    (waits, end): (bool, &AttemptEnd),
) -> Result<(), StoreError> {
    let (true, AttemptEnd::NotTaken { again_at }) = (waits, end) else { return Ok(()) };
    want_job(conn, tenant, (JobKind::Delivery, conversation.uuid(), false), *again_at).await
}
