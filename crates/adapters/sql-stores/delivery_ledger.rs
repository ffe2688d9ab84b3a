//! The ledger of what leaves, as both databases keep it.

use async_trait::async_trait;
use conversation::{
    AttemptEnd, Claim, ConsentChange, DeliveryLedger, DeliveryReport, DeliveryState, JobKind, OpenAttempt,
    RefusedSend, Sendable, Stamp, consent_changed, delivery_changed,
};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, EventId, MessageId, StoreError, TenantId, Timestamp};
use tenancy::{BlindIndex, TenantScope};
use uuid::Uuid;

use crate::{
    Stores,
    contact_store::write_consent,
    conversation_rows::find_conversation,
    delivery_rows::{
        DeliveryRow, find_reported, hold_message, known_ids, outbound_text, standing, tenant_end,
    },
    errors::{corrupt, store_error},
    event_rows::{facts_text, tell, write_events},
    locks::hold_conversation,
    message_rows::{read_purpose, write_refused},
    schema::messages,
    turn_commit::{check_fence, want_job},
    types::{Conn, Id, Ts},
};

#[async_trait]
impl DeliveryLedger for Stores {
    async fn next_sendable(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
    ) -> Result<Option<Sendable>, StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.read(scope).await?;
        let row = messages::table
            .filter(messages::tenant_id.eq(Id(tenant.uuid())))
            .filter(messages::conversation_id.eq(Id(conversation.uuid())))
            .filter(messages::waits)
            .order((messages::created_at.asc(), messages::id.asc()))
            .select(DeliveryRow::as_select())
            .first::<DeliveryRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        let Some(opened) = find_conversation(&mut tx, (tenant, &*vault), conversation).await? else {
            return Ok(None);
        };
        let end = tenant_end(&mut tx, (tenant, &*vault), &opened).await?;
        Ok(Some(Sendable {
            purpose: read_purpose(row.purpose.as_deref())?,
            attempts: row.attempts,
            written_at: row.created_at.0,
            standing: standing(&mut tx, tenant, &opened, end.is_active).await?,
            text: outbound_text(&opened, &end, row)?,
        }))
    }

    async fn begin_attempt(
        &self,
        claim: &Claim,
        message: MessageId,
        stamp: &Stamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let tenant = claim.scope.tenant_id();
        let mut tx = self.db.write(&claim.scope).await?;
        hold_conversation(&mut tx, tenant, claim.conversation_id).await?;
        check_fence(&mut tx, tenant, claim).await?;
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        let opened = find_conversation(&mut tx, (tenant, &*vault), claim.conversation_id)
            .await?
            .ok_or(StoreError::Conflict)?;
        if standing(&mut tx, tenant, &opened, true).await?.stamp != *stamp {
            return Err(StoreError::Conflict);
        }
        let begun = diesel::update(messages::table.find((Id(tenant.uuid()), Id(message.uuid()))))
            .filter(messages::conversation_id.eq(Id(claim.conversation_id.uuid())))
            .filter(messages::waits)
            .set((
                messages::waits.eq(false),
                messages::attempts.eq(messages::attempts + 1),
                messages::attempted_at.eq(Ts(at)),
                messages::look_ups.eq(0),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if begun == 0 {
            return Err(StoreError::Conflict);
        }
        tx.commit().await
    }

    async fn end_attempt(
        &self,
        scope: &TenantScope,
        message: MessageId,
        end: &AttemptEnd,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.write(scope).await?;
        let Some((state, conversation)) = hold_message(&mut tx, tenant, message).await? else {
            return Err(StoreError::Conflict);
        };
        let row = messages::table.find((Id(tenant.uuid()), Id(message.uuid())));
        let after = after_attempt(state, end);
        let waits_again = *end == AttemptEnd::NotTaken && after == DeliveryState::Queued;
        match end {
            AttemptEnd::Accepted { provider_message_id, .. } => {
                let set = (
                    messages::delivery_state.eq(after.as_str()),
                    messages::provider_message_id.eq(provider_message_id),
                    messages::attempted_at.eq(None::<Ts>),
                );
                diesel::update(row).set(set).execute(&mut *tx).await
            }
            AttemptEnd::NotTaken => {
                let set = (
                    messages::delivery_state.eq(after.as_str()),
                    messages::waits.eq(waits_again),
                    messages::attempted_at.eq(None::<Ts>),
                );
                diesel::update(row).set(set).execute(&mut *tx).await
            }
            AttemptEnd::Unknown { .. } => {
                diesel::update(row).set(messages::delivery_state.eq(after.as_str())).execute(&mut *tx).await
            }
            AttemptEnd::Failed { code } => {
                let set = (
                    messages::delivery_state.eq(after.as_str()),
                    messages::error_code.eq(code),
                    messages::attempted_at.eq(None::<Ts>),
                );
                diesel::update(row).set(set).execute(&mut *tx).await
            }
        }
        .map_err(store_error)?;
        match end {
            AttemptEnd::Unknown { look_up_at } => {
                want_job(&mut tx, tenant, (JobKind::Reconciliation, conversation.uuid()), *look_up_at)
                    .await?;
            }
            AttemptEnd::NotTaken if waits_again => {
                want_job(&mut tx, tenant, (JobKind::Delivery, conversation.uuid()), at).await?;
            }
            AttemptEnd::NotTaken | AttemptEnd::Accepted { .. } | AttemptEnd::Failed { .. } => {}
        }
        if after != state {
            tell_delivery(&mut tx, tenant, (conversation, message), (after, at)).await?;
        }
        tx.commit().await?;
        self.db.signal_work();
        Ok(())
    }

    async fn refuse(
        &self,
        scope: &TenantScope,
        message: MessageId,
        refused: &RefusedSend,
        consent: Option<&ConsentChange>,
    ) -> Result<(), StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.write(scope).await?;
        let Some((state, conversation)) = hold_message(&mut tx, tenant, message).await? else {
            return Err(StoreError::Conflict);
        };
        if state.rank() >= DeliveryState::Sent.rank() {
            // It has left meanwhile: a late verdict does not change that.
            return Ok(());
        }
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        let opened =
            find_conversation(&mut tx, (tenant, &*vault), conversation).await?.ok_or(StoreError::Conflict)?;
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
        if let Some(change) = consent {
            let index =
                BlindIndex(opened.address_index.as_slice().try_into().map_err(|_| corrupt("address index"))?);
            write_consent(&mut tx, (tenant, &*vault), &index, change).await?;
            let told = consent_changed(change, conversation);
            write_events(&mut tx, (tenant, &*vault), Some(conversation), &[told]).await?;
        }
        tell_delivery(&mut tx, tenant, (conversation, message), (DeliveryState::Refused, refused.at)).await?;
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
        let Some(opened) = find_conversation(&mut tx, (tenant, &*vault), conversation).await? else {
            return Ok(Vec::new());
        };
        let end = tenant_end(&mut tx, (tenant, &*vault), &opened).await?;
        let known = known_ids(&mut tx, tenant, &opened).await?;
        rows.into_iter()
            .map(|row| {
                Ok(OpenAttempt {
                    state: DeliveryState::from_name(&row.delivery_state)
                        .ok_or_else(|| corrupt("delivery state"))?,
                    attempted_at: row.attempted_at.ok_or_else(|| corrupt("attempt"))?.0,
                    look_ups: row.look_ups,
                    attempts: row.attempts,
                    known: known.clone(),
                    text: outbound_text(&opened, &end, row)?,
                })
            })
            .collect()
    }

    async fn count_look_up(&self, scope: &TenantScope, message: MessageId) -> Result<(), StoreError> {
        let mut tx = self.db.write(scope).await?;
        diesel::update(messages::table.find((Id(scope.tenant_id().uuid()), Id(message.uuid()))))
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
        let Some(message) = find_reported(&mut tx, tenant, report).await? else { return Ok(false) };
        let Some((state, conversation)) = hold_message(&mut tx, tenant, message).await? else {
            return Ok(false);
        };
        let after = state.advanced_by(report.state);
        let row = messages::table.find((Id(tenant.uuid()), Id(message.uuid())));
        diesel::update(row)
            .set((
                messages::delivery_state.eq(after.as_str()),
                // The carrier has it, so it waits no more, even if we had taken it for never sent.
                messages::waits.eq(false),
                messages::attempted_at.eq(None::<Ts>),
                messages::provider_message_id.eq(&report.provider_message_id),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if let (true, Some(code)) = (after != state, &report.error_code) {
            diesel::update(row)
                .set(messages::error_code.eq(code))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        if after != state {
            tell_delivery(&mut tx, tenant, (conversation, message), (after, at)).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Returns where a message stands once an attempt has ended.
fn after_attempt(state: DeliveryState, end: &AttemptEnd) -> DeliveryState {
    match end {
        AttemptEnd::Accepted { state: reported, .. } => state.advanced_by(*reported),
        // It waits as if it had never been attempted, so that an attempt that begins next is told from this one. What a
        // carrier has reported on was taken, whatever an attempt's end says.
        AttemptEnd::NotTaken if state == DeliveryState::Unknown => DeliveryState::Queued,
        AttemptEnd::NotTaken => state,
        AttemptEnd::Unknown { .. } => state.advanced_by(DeliveryState::Unknown),
        AttemptEnd::Failed { .. } => state.advanced_by(DeliveryState::Failed),
    }
}

async fn tell_delivery(
    conn: &mut Conn,
    tenant: TenantId,
    about: (ConversationId, MessageId),
    (state, at): (DeliveryState, Timestamp),
) -> Result<(), StoreError> {
    let event = delivery_changed(EventId::new(Uuid::now_v7()), about, state, at);
    tell(conn, tenant, (event.id, event.name.name, at), &facts_text(&event)).await
}
