//! What leaves as rows: what a delivery needs to know, and what stands when it is judged.

use conversation::{Attempt, DeliveryReport, DeliveryState, Direction, OutboundText, Standing};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _,
    OptionalExtension as _, QueryDsl as _, Queryable, Selectable, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, MessageId, StoreError, TenantId};
use tenancy::{Address, TenantStatus, TenantVault};

use crate::{
    contact_store::{ConsentRow, read_consent},
    conversation_rows::OpenedConversation,
    errors::{corrupt, store_error},
    locks::{self, hold_conversation},
    schema::{channel_bindings, consents, conversations, messages, tenants},
    sealing::{open_binding_address, open_body},
    types::{Conn, Id, Ts},
};

/// So many of a conversation's latest carrier ids are kept apart from a message that is looked up.
const KNOWN_IDS: i64 = 200;

/// What of a message's row its delivery needs.
#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
pub(crate) struct DeliveryRow {
    pub(crate) id: Id,
    pub(crate) body_sealed: Vec<u8>,
    pub(crate) purpose: Option<String>,
    pub(crate) delivery_state: String,
    pub(crate) attempts: i32,
    pub(crate) attempted_at: Option<Ts>,
    pub(crate) look_ups: i32,
    pub(crate) created_at: Ts,
}

/// Finds the oldest message of a conversation that waits to leave.
pub(crate) async fn find_waiting(
    conn: &mut Conn,
    tenant: TenantId,
    conversation: ConversationId,
) -> Result<Option<DeliveryRow>, StoreError> {
    waiting(tenant, conversation)
        .order((messages::created_at.asc(), messages::id.asc()))
        .select(DeliveryRow::as_select())
        .first::<DeliveryRow>(conn)
        .await
        .optional()
        .map_err(store_error)
}

/// Selects the messages of a conversation that wait to leave.
#[diesel::dsl::auto_type]
pub(crate) fn waiting(tenant: TenantId, conversation: ConversationId) -> _ {
    let (tenant, conversation): (Id, Id) = (Id(tenant.uuid()), Id(conversation.uuid()));
    messages::table
        .filter(messages::tenant_id.eq(tenant))
        .filter(messages::conversation_id.eq(conversation))
        .filter(messages::waits)
}

/// Returns the message that a report means: by our id, unless that message is known by another carrier id;
/// else by the carrier's id.
pub(crate) async fn find_reported(
    conn: &mut Conn,
    tenant: TenantId,
    report: &DeliveryReport,
) -> Result<Option<MessageId>, StoreError> {
    let ours = report.message_id.map(|id| Id(id.uuid()));
    // One statement, so that both are seen at one moment: between two the send could end, and the message that is ours
    // would be known by the very id that was asked for before.
    let found = messages::table
        .filter(messages::tenant_id.eq(Id(tenant.uuid())))
        .filter(messages::direction.eq(Direction::Outbound.as_str()))
        .filter(messages::provider.eq(report.provider.as_str()))
        .filter(
            messages::provider_message_id
                .eq(&report.provider_message_id)
                .or(messages::id.nullable().eq(ours)),
        )
        .select((messages::id, messages::provider_message_id))
        .load::<(Id, Option<String>)>(conn)
        .await
        .map_err(store_error)?;
    let by_carrier = found.iter().find(|(_, known)| known.as_deref() == Some(&report.provider_message_id));
    let by_us = found.iter().find(|(_, known)| known.is_none());
    Ok(by_carrier.or(by_us).map(|(id, _)| MessageId::new(id.0)))
}

/// Returns the carrier's ids of what has left for the same contact address lately, in this conversation or one
/// before it: an equal text under one of them is another message.
pub(crate) async fn known_ids(
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

/// Where an outbound message stands.
#[derive(Clone, Copy)]
pub(crate) struct Stands {
    pub(crate) state: DeliveryState,
    pub(crate) conversation: ConversationId,
    /// How many attempts were begun.
    attempts: i32,
    waits: bool,
    /// Whether an attempt was begun whose end is not known.
    is_attempted: bool,
}

impl Stands {
    /// Tells whether an attempt was begun, and neither has ended nor has another followed.
    pub(crate) fn is_open(&self, attempt: Attempt) -> bool {
        self.is_attempted && self.attempts == attempt.number
    }

    /// Tells whether the message waits after an attempt, and no other has followed.
    pub(crate) fn waits_after(&self, attempt: Attempt) -> bool {
        self.waits && self.attempts == attempt.number
    }
}

/// Returns where an outbound message stands, and holds its conversation until the transaction ends.
pub(crate) async fn hold_message(
    conn: &mut Conn,
    tenant: TenantId,
    message: MessageId,
) -> Result<Option<Stands>, StoreError> {
    let found = find_state(conn, tenant, message).await?;
    let (true, Some(stands)) = (locks::WRITERS_MEET, &found) else { return Ok(found) };
    hold_conversation(conn, tenant, stands.conversation).await?;
    // Whoever held it before may have changed the message.
    find_state(conn, tenant, message).await
}

/// Returns where an outbound message stands.
pub(crate) async fn find_state(
    conn: &mut Conn,
    tenant: TenantId,
    message: MessageId,
) -> Result<Option<Stands>, StoreError> {
    let row = messages::table
        .find((Id(tenant.uuid()), Id(message.uuid())))
        .filter(messages::direction.eq(Direction::Outbound.as_str()))
        .select((
            messages::delivery_state,
            messages::conversation_id,
            messages::attempts,
            messages::waits,
            messages::attempted_at.is_not_null(),
        ))
        .get_result::<(String, Id, i32, bool, bool)>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    let Some((state, conversation, attempts, waits, is_attempted)) = row else { return Ok(None) };
    let state = DeliveryState::from_name(&state).ok_or_else(|| corrupt("delivery state"))?;
    let conversation = ConversationId::new(conversation.0);
    Ok(Some(Stands { state, conversation, attempts, waits, is_attempted }))
}

/// Returns what the gate judges by, and the tenant's own address.
pub(crate) async fn standing(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    opened: &OpenedConversation,
) -> Result<(Standing, Address), StoreError> {
    let conversation = &opened.view.conversation;
    let binding = conversation.binding_id.uuid();
    let (status, sealed, consent) = tenants::table
        .inner_join(
            channel_bindings::table
                .on(channel_bindings::tenant_id.eq(tenants::id).and(channel_bindings::id.eq(Id(binding)))),
        )
        .left_join(
            consents::table.on(consents::tenant_id
                .eq(tenants::id)
                .and(consents::address_index.eq(&opened.address_index))),
        )
        .filter(tenants::id.eq(Id(tenant.uuid())))
        .select((
            tenants::status,
            channel_bindings::address_sealed,
            (consents::state, consents::changed_at, consents::confirmed_at, consents::version).nullable(),
        ))
        .get_result::<(String, Vec<u8>, Option<ConsentRow>)>(conn)
        .await
        .map_err(store_error)?;
    let standing = Standing {
        tenant_status: TenantStatus::from_name(&status).ok_or_else(|| corrupt("tenant status"))?,
        channel_is_active: opened.channel_is_active,
        conversation_status: conversation.status,
        owner: conversation.owner,
        consent: read_consent(consent)?,
        to: conversation.address.clone(),
    };
    Ok((standing, open_binding_address(vault, binding, sealed)?))
}

/// Returns the tenant's own address in a conversation.
pub(crate) async fn own_address(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    opened: &OpenedConversation,
) -> Result<Address, StoreError> {
    let binding = opened.view.conversation.binding_id.uuid();
    let sealed = channel_bindings::table
        .find((Id(tenant.uuid()), Id(binding)))
        .select(channel_bindings::address_sealed)
        .get_result::<Vec<u8>>(conn)
        .await
        .map_err(store_error)?;
    open_binding_address(vault, binding, sealed)
}

pub(crate) fn outbound_text(
    opened: &OpenedConversation,
    from: Address,
    row: DeliveryRow,
) -> Result<OutboundText, StoreError> {
    Ok(OutboundText {
        id: MessageId::new(row.id.0),
        channel: opened.view.conversation.channel,
        provider: opened.provider,
        from,
        to: opened.view.conversation.address.clone(),
        text: open_body(&*opened.vault, row.id.0, row.body_sealed)?.text,
    })
}
