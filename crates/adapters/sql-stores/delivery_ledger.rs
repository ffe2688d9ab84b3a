//! The ledger of what leaves, as both databases keep it.

use async_trait::async_trait;
use conversation::{
    AttemptEnd, Claim, ConsentChange, DeliveryLedger, DeliveryReport, DeliveryState, Direction, JobKind,
    OpenAttempt, OutboundText, RefusedSend, Sendable, Stamp, Standing,
};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, MessageId, StoreError, TenantId, Timestamp};
use tenancy::{Address, BlindIndex, Provider, TenantScope, TenantStatus, TenantVault};

use crate::{
    Stores,
    contact_store::{find_consent, write_consent},
    conversation_rows::{OpenedConversation, find_conversation},
    errors::{corrupt, store_error},
    message_rows::{RefusedRow, read_purpose},
    schema::{channel_bindings, conversations, messages, refused_sends, tenants},
    sealing::{open_binding_address, open_body},
    turn_commit::{check_fence, want_job},
    types::{Conn, Id, Ts},
};

/// So many of a conversation's latest carrier ids are kept apart from a message that is looked up.
const KNOWN_IDS: i64 = 200;

/// What of a message's row its delivery needs.
#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
struct DeliveryRow {
    id: Id,
    body_sealed: Vec<u8>,
    purpose: Option<String>,
    delivery_state: String,
    attempts: i32,
    attempted_at: Option<Ts>,
    look_ups: i32,
}

/// The tenant's end of a conversation.
struct TenantEnd {
    address: Address,
    provider: Provider,
    is_active: bool,
}

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
        let Some((state, conversation)) = find_state(&mut tx, tenant, message).await? else {
            return Err(StoreError::Conflict);
        };
        let row = messages::table.find((Id(tenant.uuid()), Id(message.uuid())));
        // What a carrier has reported on was taken, whatever an attempt's end says: it never waits again.
        let waits_again = *end == AttemptEnd::NotTaken && state.rank() < DeliveryState::Sent.rank();
        match end {
            AttemptEnd::Accepted { provider_message_id, state: reported } => {
                let set = (
                    messages::delivery_state.eq(state.advanced_by(*reported).as_str()),
                    messages::provider_message_id.eq(provider_message_id),
                    messages::attempted_at.eq(None::<Ts>),
                );
                diesel::update(row).set(set).execute(&mut *tx).await
            }
            AttemptEnd::NotTaken => {
                let set = (messages::waits.eq(waits_again), messages::attempted_at.eq(None::<Ts>));
                diesel::update(row).set(set).execute(&mut *tx).await
            }
            AttemptEnd::Unknown { .. } => {
                let after = state.advanced_by(DeliveryState::Unknown);
                diesel::update(row).set(messages::delivery_state.eq(after.as_str())).execute(&mut *tx).await
            }
            AttemptEnd::Failed { code } => {
                let after = state.advanced_by(DeliveryState::Failed);
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
        let Some((state, conversation)) = find_state(&mut tx, tenant, message).await? else {
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
        let row = RefusedRow::seal((tenant.uuid(), conversation.uuid()), &*opened.vault, refused)?;
        diesel::insert_into(refused_sends::table).values(row).execute(&mut *tx).await.map_err(store_error)?;
        if let Some(change) = consent {
            let index =
                BlindIndex(opened.address_index.as_slice().try_into().map_err(|_| corrupt("address index"))?);
            write_consent(&mut tx, (tenant, &*vault), &index, change).await?;
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
        _at: Timestamp,
    ) -> Result<bool, StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.write(scope).await?;
        let Some(message) = find_reported(&mut tx, tenant, report).await? else { return Ok(false) };
        let Some((state, _)) = find_state(&mut tx, tenant, message).await? else { return Ok(false) };
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
        tx.commit().await?;
        Ok(true)
    }
}

/// Returns the message that a report means: by our id, unless that message is known by another carrier id;
/// else by the carrier's id.
async fn find_reported(
    conn: &mut Conn,
    tenant: TenantId,
    report: &DeliveryReport,
) -> Result<Option<MessageId>, StoreError> {
    let outbound = || {
        messages::table
            .filter(messages::tenant_id.eq(Id(tenant.uuid())))
            .filter(messages::direction.eq(Direction::Outbound.as_str()))
            .filter(messages::provider.eq(report.provider.as_str()))
            .select((messages::id, messages::provider_message_id))
    };
    let by_carrier = outbound()
        .filter(messages::provider_message_id.eq(&report.provider_message_id))
        .first::<(Id, Option<String>)>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    if let Some((id, _)) = by_carrier {
        return Ok(Some(MessageId::new(id.0)));
    }
    let Some(id) = report.message_id else { return Ok(None) };
    let by_us = outbound()
        .filter(messages::id.eq(Id(id.uuid())))
        .first::<(Id, Option<String>)>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    Ok(by_us.filter(|(_, known)| known.is_none()).map(|(id, _)| MessageId::new(id.0)))
}

/// Returns the carrier's ids of what has left for the same contact address lately, in this conversation or one
/// before it: an equal text under one of them is another message.
async fn known_ids(
    conn: &mut Conn,
    tenant: TenantId,
    opened: &OpenedConversation,
) -> Result<Vec<String>, StoreError> {
    let of_address = conversations::table
        .filter(conversations::tenant_id.eq(Id(tenant.uuid())))
        .filter(conversations::binding_id.eq(Id(opened.view.conversation.binding_id.uuid())))
        .filter(conversations::address_index.eq(&opened.address_index))
        .select(conversations::id)
        .load::<Id>(conn)
        .await
        .map_err(store_error)?;
    let mut known = Vec::new();
    for conversation in of_address {
        let ids = messages::table
            .filter(messages::tenant_id.eq(Id(tenant.uuid())))
            .filter(messages::conversation_id.eq(conversation))
            .filter(messages::direction.eq(Direction::Outbound.as_str()))
            .filter(messages::provider_message_id.is_not_null())
            .order((messages::created_at.desc(), messages::id.desc()))
            .limit(KNOWN_IDS)
            .select(messages::provider_message_id)
            .load::<Option<String>>(conn)
            .await
            .map_err(store_error)?;
        known.extend(ids.into_iter().flatten());
    }
    Ok(known)
}

async fn find_state(
    conn: &mut Conn,
    tenant: TenantId,
    message: MessageId,
) -> Result<Option<(DeliveryState, ConversationId)>, StoreError> {
    let row = messages::table
        .find((Id(tenant.uuid()), Id(message.uuid())))
        .filter(messages::direction.eq(Direction::Outbound.as_str()))
        .select((messages::delivery_state, messages::conversation_id))
        .first::<(String, Id)>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    let Some((state, conversation)) = row else { return Ok(None) };
    let state = DeliveryState::from_name(&state).ok_or_else(|| corrupt("delivery state"))?;
    Ok(Some((state, ConversationId::new(conversation.0))))
}

async fn tenant_end(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    opened: &OpenedConversation,
) -> Result<TenantEnd, StoreError> {
    let binding = opened.view.conversation.binding_id.uuid();
    let (sealed, provider, is_active) = channel_bindings::table
        .find((Id(tenant.uuid()), Id(binding)))
        .select((channel_bindings::address_sealed, channel_bindings::provider, channel_bindings::is_active))
        .first::<(Vec<u8>, String, bool)>(conn)
        .await
        .map_err(store_error)?;
    Ok(TenantEnd {
        address: open_binding_address(vault, binding, sealed)?,
        provider: Provider::from_name(&provider).ok_or_else(|| corrupt("provider"))?,
        is_active,
    })
}

async fn standing(
    conn: &mut Conn,
    tenant: TenantId,
    opened: &OpenedConversation,
    channel_is_active: bool,
) -> Result<Standing, StoreError> {
    let (status, version) = tenants::table
        .find(Id(tenant.uuid()))
        .select((tenants::status, tenants::version))
        .first::<(String, i64)>(conn)
        .await
        .map_err(store_error)?;
    let consent = find_consent(conn, tenant, &opened.address_index).await?;
    let conversation = &opened.view.conversation;
    Ok(Standing {
        tenant_status: TenantStatus::from_name(&status).ok_or_else(|| corrupt("tenant status"))?,
        channel_is_active,
        conversation_status: conversation.status,
        owner: conversation.owner,
        consent,
        to: conversation.address.clone(),
        stamp: Stamp { conversation: conversation.version, consent: consent.version, tenant: version },
    })
}

fn outbound_text(
    opened: &OpenedConversation,
    end: &TenantEnd,
    row: DeliveryRow,
) -> Result<OutboundText, StoreError> {
    Ok(OutboundText {
        id: MessageId::new(row.id.0),
        channel: opened.view.conversation.channel,
        provider: end.provider,
        from: end.address.clone(),
        to: opened.view.conversation.address.clone(),
        text: open_body(&*opened.vault, row.id.0, row.body_sealed)?.text,
    })
}
