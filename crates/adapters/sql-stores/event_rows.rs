//! Events as rows: what others are to hear of a change, written in the change's own transaction.

use diesel::ExpressionMethods as _;
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, DomainEvent, EventId, StoreError, TenantId, Timestamp};
use tenancy::{Place, Sealed, TenantVault};
use uuid::Uuid;

use crate::{
    errors::{corrupt, store_error, vault_error},
    schema::events,
    types::{Conn, Id, Ts},
};

/// Writes events, those with a private part so that they wait for a reaction.
pub(crate) async fn write_events(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    conversation: Option<ConversationId>,
    happened: &[DomainEvent],
) -> Result<(), StoreError> {
    for event in happened {
        diesel::insert_into(events::table)
            .values((
                events::tenant_id.eq(Id(tenant.uuid())),
                events::id.eq(Id(event.id.uuid())),
                events::name.eq(event.name.name),
                events::version.eq(i32::from(event.name.version)),
                events::at.eq(Ts(event.at)),
                events::facts.eq(facts_text(event)),
                events::conversation_id.eq(conversation.map(|id| Id(id.uuid()))),
                events::private_sealed.eq(seal_private(vault, event)?),
            ))
            .execute(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

/// Writes an event that nothing waits for.
pub(crate) async fn tell(
    conn: &mut Conn,
    tenant: TenantId,
    (id, name, at): (EventId, &str, Timestamp),
    facts: &str,
) -> Result<(), StoreError> {
    diesel::insert_into(events::table)
        .values((
            events::tenant_id.eq(Id(tenant.uuid())),
            events::id.eq(Id(id.uuid())),
            events::name.eq(name),
            events::version.eq(1),
            events::at.eq(Ts(at)),
            events::facts.eq(facts),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// An event's facts as they are stored and shown: a JSON object of texts, numbers and lists of texts.
pub(crate) fn facts_text(event: &DomainEvent) -> String {
    let facts = event.facts.iter().map(|(name, fact)| ((*name).to_owned(), serde_json::json!(fact)));
    serde_json::Value::Object(facts.collect()).to_string()
}

/// Where the private part of an event is sealed, with the tenant's key: it is gone as soon as it has been heard.
fn private_place(event: Uuid) -> Place {
    Place { table: "events", column: "private_sealed", row: event }
}

/// Seals the private part of an event, if it has one.
pub(crate) fn seal_private(
    vault: &dyn TenantVault,
    event: &DomainEvent,
) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(private) = &event.private else { return Ok(None) };
    let sealed = vault.seal(private_place(event.id.uuid()), private.as_bytes()).map_err(vault_error)?;
    Ok(Some(sealed.0))
}

/// Opens the private part of an event.
pub(crate) fn open_private(
    vault: &dyn TenantVault,
    event: Uuid,
    sealed: Vec<u8>,
) -> Result<String, StoreError> {
    let plain = vault.open(private_place(event), &Sealed(sealed)).map_err(vault_error)?;
    String::from_utf8(plain).map_err(|_| corrupt("event"))
}
