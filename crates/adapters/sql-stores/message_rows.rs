//! Messages and refused sends as rows.

use conversation::{
    Author, DeliveryState, Direction, InboundIntent, Message, NewOutbound, Purpose, RefusalReason,
    RefusedSend, send_refused,
};
use diesel::{Insertable, Queryable, Selectable};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, MessageId, RefusedSendId, StoreError, TenantId, TurnId};
use tenancy::{ContactVault, Provider};
use uuid::Uuid;

use crate::{
    errors::{corrupt, store_error},
    event_rows::{facts_text, tell},
    schema::{messages, refused_sends},
    sealing::{open_body, open_contact_text, refused_place, seal_body, seal_contact_text},
    types::{Conn, Id, Ts},
};

/// What of a message's row makes a [`Message`].
#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
pub(crate) struct MessageRow {
    pub(crate) id: Id,
    conversation_id: Id,
    direction: String,
    author: String,
    body_sealed: Vec<u8>,
    intent: String,
    carrier_answered: bool,
    delivery_state: String,
    provider_message_id: Option<String>,
    error_code: Option<String>,
    turn_id: Option<Id>,
    pub(crate) created_at: Ts,
}

impl MessageRow {
    /// Opens the row with its contact's key.
    pub(crate) fn open(self, vault: &dyn ContactVault) -> Result<Message, StoreError> {
        Ok(Message {
            id: MessageId::new(self.id.0),
            conversation_id: ConversationId::new(self.conversation_id.0),
            direction: Direction::from_name(&self.direction).ok_or_else(|| corrupt("direction"))?,
            author: Author::from_name(&self.author).ok_or_else(|| corrupt("author"))?,
            body: open_body(vault, self.id.0, self.body_sealed)?,
            intent: InboundIntent::from_name(&self.intent).ok_or_else(|| corrupt("intent"))?,
            carrier_answered: self.carrier_answered,
            delivery_state: DeliveryState::from_name(&self.delivery_state)
                .ok_or_else(|| corrupt("delivery state"))?,
            provider_message_id: self.provider_message_id,
            error_code: self.error_code,
            turn_id: self.turn_id.map(|id| TurnId::new(id.0)),
            created_at: self.created_at.0,
        })
    }
}

/// An outbound message about to be inserted.
#[derive(Insertable)]
#[diesel(table_name = messages)]
pub(crate) struct OutboundRow {
    tenant_id: Id,
    pub(crate) id: Id,
    conversation_id: Id,
    direction: &'static str,
    pub(crate) author: &'static str,
    pub(crate) body_sealed: Vec<u8>,
    pub(crate) intent: &'static str,
    carrier_answered: bool,
    pub(crate) purpose: Option<&'static str>,
    provider: &'static str,
    pub(crate) delivery_state: &'static str,
    turn_id: Option<Id>,
    pub(crate) segments: i32,
    pub(crate) waits: bool,
    attempts: i32,
    look_ups: i32,
    pub(crate) created_at: Ts,
}

impl OutboundRow {
    /// Seals an outbound message of a conversation.
    pub(crate) fn seal(
        (tenant, conversation, turn): (Uuid, Uuid, Option<Uuid>),
        provider: Provider,
        vault: &dyn ContactVault,
        outbound: &NewOutbound,
    ) -> Result<Self, StoreError> {
        let body = conversation::Body { text: outbound.text.clone(), attachments: Vec::new() };
        Ok(Self {
            tenant_id: Id(tenant),
            id: Id(outbound.id.uuid()),
            conversation_id: Id(conversation),
            direction: Direction::Outbound.as_str(),
            author: outbound.purpose.author().as_str(),
            body_sealed: seal_body(vault, outbound.id.uuid(), &body)?,
            intent: InboundIntent::Ordinary.as_str(),
            carrier_answered: false,
            purpose: Some(outbound.purpose.as_str()),
            provider: provider.as_str(),
            delivery_state: outbound.state.as_str(),
            turn_id: turn.map(Id),
            segments: i32::try_from(outbound.segments()).unwrap_or(i32::MAX),
            waits: outbound.state == DeliveryState::Queued,
            attempts: 0,
            look_ups: 0,
            created_at: Ts(outbound.at),
        })
    }
}

/// Reads the purpose of an outbound message.
pub(crate) fn read_purpose(name: Option<&str>) -> Result<Purpose, StoreError> {
    name.and_then(Purpose::from_name).ok_or_else(|| corrupt("purpose"))
}

/// A refused send as a row.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = refused_sends)]
pub(crate) struct RefusedRow {
    tenant_id: Id,
    pub(crate) id: Id,
    conversation_id: Id,
    message_id: Option<Id>,
    reason: String,
    text_sealed: Vec<u8>,
    pub(crate) at: Ts,
}

impl RefusedRow {
    /// Seals a refused send of a conversation.
    fn seal(
        (tenant, conversation): (Uuid, Uuid),
        vault: &dyn ContactVault,
        refused: &RefusedSend,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: Id(tenant),
            id: Id(refused.id.uuid()),
            conversation_id: Id(conversation),
            message_id: refused.message_id.map(|id| Id(id.uuid())),
            reason: refused.reason.as_str().to_owned(),
            text_sealed: seal_contact_text(vault, refused_place(refused.id.uuid()), &refused.text)?,
            at: Ts(refused.at),
        })
    }

    /// Opens the row with its contact's key.
    pub(crate) fn open(self, vault: &dyn ContactVault) -> Result<RefusedSend, StoreError> {
        Ok(RefusedSend {
            id: RefusedSendId::new(self.id.0),
            message_id: self.message_id.map(|id| MessageId::new(id.0)),
            reason: RefusalReason::from_name(&self.reason).ok_or_else(|| corrupt("reason"))?,
            text: open_contact_text(vault, refused_place(self.id.0), self.text_sealed)?,
            at: self.at.0,
        })
    }
}

/// Writes a refused send of a conversation, and tells of it.
pub(crate) async fn write_refused(
    conn: &mut Conn,
    tenant: TenantId,
    (conversation, vault): (ConversationId, &dyn ContactVault),
    refused: &RefusedSend,
) -> Result<(), StoreError> {
    let row = RefusedRow::seal((tenant.uuid(), conversation.uuid()), vault, refused)?;
    diesel::insert_into(refused_sends::table).values(row).execute(conn).await.map_err(store_error)?;
    let event = send_refused(refused, conversation);
    tell(conn, tenant, (event.id, event.name.name, event.at), &facts_text(&event)).await
}
