//! What leaves as rows: what a delivery needs to know, and what stands when it is judged.

use conversation::{DeliveryReport, DeliveryState, Direction, OutboundText, Stamp, Standing};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, NullableExpressionMethods as _,
    OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, MessageId, StoreError, TenantId};
use tenancy::{Address, Provider, TenantStatus, TenantVault};

use crate::{
    contact_store::find_consent,
    conversation_rows::OpenedConversation,
    errors::{corrupt, store_error},
    locks::{self, hold_conversation},
    schema::{channel_bindings, conversations, messages, tenants},
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

/// The tenant's end of a conversation.
pub(crate) struct TenantEnd {
    pub(crate) address: Address,
    pub(crate) provider: Provider,
    pub(crate) is_active: bool,
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

/// Returns where an outbound message stands, and holds its conversation until the transaction ends.
pub(crate) async fn hold_message(
    conn: &mut Conn,
    tenant: TenantId,
    message: MessageId,
) -> Result<Option<(DeliveryState, ConversationId)>, StoreError> {
    let found = find_state(conn, tenant, message).await?;
    let (true, Some((_, conversation))) = (locks::WRITERS_MEET, &found) else { return Ok(found) };
    hold_conversation(conn, tenant, *conversation).await?;
    // Whoever held it before may have changed the message.
    find_state(conn, tenant, message).await
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
        .get_result::<(String, Id)>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    let Some((state, conversation)) = row else { return Ok(None) };
    let state = DeliveryState::from_name(&state).ok_or_else(|| corrupt("delivery state"))?;
    Ok(Some((state, ConversationId::new(conversation.0))))
}

pub(crate) async fn tenant_end(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    opened: &OpenedConversation,
) -> Result<TenantEnd, StoreError> {
    let binding = opened.view.conversation.binding_id.uuid();
    let (sealed, provider, is_active) = channel_bindings::table
        .find((Id(tenant.uuid()), Id(binding)))
        .select((channel_bindings::address_sealed, channel_bindings::provider, channel_bindings::is_active))
        .get_result::<(Vec<u8>, String, bool)>(conn)
        .await
        .map_err(store_error)?;
    Ok(TenantEnd {
        address: open_binding_address(vault, binding, sealed)?,
        provider: Provider::from_name(&provider).ok_or_else(|| corrupt("provider"))?,
        is_active,
    })
}

pub(crate) async fn standing(
    conn: &mut Conn,
    tenant: TenantId,
    opened: &OpenedConversation,
    channel_is_active: bool,
) -> Result<Standing, StoreError> {
    let (status, version) = tenants::table
        .find(Id(tenant.uuid()))
        .select((tenants::status, tenants::version))
        .get_result::<(String, i64)>(conn)
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

pub(crate) fn outbound_text(
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
