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
    conversation_rows::{ConversationParts, OpenedConversation, conversation_tables, open_parts},
    errors::{corrupt, store_error},
    locks::{self, hold_conversation},
    schema::{channel_bindings, consents, contact_addresses, contacts, conversations, messages, tenants},
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
    pub(crate) account_sid: Option<String>,
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

/// Returns the message that a report means, and holds its conversation until the transaction ends: by our id, unless that
/// message is known by another carrier id; else by the carrier's id.
pub(crate) async fn hold_reported(
    conn: &mut Conn,
    tenant: TenantId,
    report: &DeliveryReport,
) -> Result<Option<(MessageId, Stands)>, StoreError> {
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
        .select((messages::id, messages::provider_message_id, StandsRow::as_select()))
        .load::<(Id, Option<String>, StandsRow)>(conn)
        .await
        .map_err(store_error)?;
    let by_carrier = found.iter().find(|(_, known, _)| known.as_deref() == Some(&report.provider_message_id));
    let by_us = || found.iter().find(|(_, known, _)| known.is_none());
    let Some((id, _, row)) = by_carrier.or_else(by_us) else { return Ok(None) };
    let message = MessageId::new(id.0);
    let held = hold_found(conn, tenant, message, Stands::read(row)?).await?;
    Ok(held.map(|stands| (message, stands)))
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

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
struct StandsRow {
    delivery_state: String,
    conversation_id: Id,
    attempts: i32,
    waits: bool,
    attempted_at: Option<Ts>,
}

impl Stands {
    fn read(row: &StandsRow) -> Result<Self, StoreError> {
        Ok(Self {
            state: DeliveryState::from_name(&row.delivery_state).ok_or_else(|| corrupt("delivery state"))?,
            conversation: ConversationId::new(row.conversation_id.0),
            attempts: row.attempts,
            waits: row.waits,
            is_attempted: row.attempted_at.is_some(),
        })
    }

    /// Tells whether an attempt was begun, and neither has ended nor has another followed.
    pub(crate) fn is_open(&self, attempt: Attempt) -> bool {
        self.is_attempted && self.attempts == attempt.number
    }

    /// Tells whether the message waits after an attempt, and no other has followed.
    pub(crate) fn waits_after(&self, attempt: Attempt) -> bool {
        self.waits && self.attempts == attempt.number
    }
}

/// Returns the digest of the address that a message goes to.
pub(crate) async fn address_of(
    conn: &mut Conn,
    tenant: TenantId,
    message: MessageId,
) -> Result<Option<Vec<u8>>, StoreError> {
    messages::table
        .inner_join(
            conversations::table.on(conversations::tenant_id
                .eq(messages::tenant_id)
                .and(conversations::id.eq(messages::conversation_id))),
        )
        .filter(messages::tenant_id.eq(Id(tenant.uuid())))
        .filter(messages::id.eq(Id(message.uuid())))
        .select(conversations::address_index)
        .get_result::<Vec<u8>>(conn)
        .await
        .optional()
        .map_err(store_error)
}

/// Returns where an outbound message stands, and holds its conversation until the transaction ends.
pub(crate) async fn hold_message(
    conn: &mut Conn,
    tenant: TenantId,
    message: MessageId,
) -> Result<Option<Stands>, StoreError> {
    match find_state(conn, tenant, message).await? {
        Some(found) => hold_found(conn, tenant, message, found).await,
        None => Ok(None),
    }
}

/// Holds the conversation of a message that was found until the transaction ends, and returns where the message stands then.
async fn hold_found(
    conn: &mut Conn,
    tenant: TenantId,
    message: MessageId,
    found: Stands,
) -> Result<Option<Stands>, StoreError> {
    if !locks::WRITERS_MEET {
        return Ok(Some(found));
    }
    hold_conversation(conn, tenant, found.conversation).await?;
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
        .select(StandsRow::as_select())
        .get_result::<StandsRow>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(|row| Stands::read(&row)).transpose()
}

/// A conversation in which something is to leave.
pub(crate) struct Sender {
    pub(crate) opened: OpenedConversation,
    /// What the gate judges by.
    pub(crate) standing: Standing,
    /// The tenant's own address in it.
    from: Address,
}

/// Finds a conversation with all that stands when something is to leave in it.
pub(crate) async fn find_sender(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    id: ConversationId,
) -> Result<Option<Sender>, StoreError> {
    let found = conversation_tables!(tenant.uuid())
        .inner_join(tenants::table.on(tenants::id.eq(conversations::tenant_id)))
        .left_join(
            consents::table.on(consents::tenant_id
                .eq(conversations::tenant_id)
                .and(consents::address_index.eq(conversations::address_index))),
        )
        .filter(conversations::id.eq(Id(id.uuid())))
        .select((
            ConversationParts::as_select(),
            channel_bindings::address_sealed,
            tenants::status,
            Option::<ConsentRow>::as_select(),
        ))
        .get_result::<(ConversationParts, Vec<u8>, String, Option<ConsentRow>)>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    let Some((parts, own_address, status, consent)) = found else { return Ok(None) };
    let opened = open_parts(vault, parts)?;
    let conversation = &opened.view.conversation;
    let standing = Standing {
        tenant_status: TenantStatus::from_name(&status).ok_or_else(|| corrupt("tenant status"))?,
        channel_is_active: opened.channel_is_active,
        conversation_status: conversation.status,
        owner: conversation.owner,
        consent: read_consent(consent)?,
        to: conversation.address.clone(),
    };
    let from = open_binding_address(vault, conversation.binding_id.uuid(), own_address)?;
    Ok(Some(Sender { opened, standing, from }))
}

pub(crate) fn outbound_text(
    Sender { opened, from, .. }: &Sender,
    row: DeliveryRow,
) -> Result<OutboundText, StoreError> {
    Ok(OutboundText {
        id: MessageId::new(row.id.0),
        channel: opened.view.conversation.channel,
        provider: opened.provider,
        from: from.clone(),
        to: opened.view.conversation.address.clone(),
        text: open_body(&*opened.vault, row.id.0, row.body_sealed)?.text,
    })
}
