//! Conversations as rows, with their contact's key at hand.

use std::sync::Arc;

use conversation::{
    ContactName, Conversation, ConversationStatus, ConversationView, Language, NameSource, Owner, Summary,
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, Queryable, Selectable, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{BindingId, ContactId, ConversationId, MessageId, StoreError, TenantId};
use tenancy::{Channel, ContactVault, Provider, TenantVault};
use uuid::Uuid;

use crate::{
    errors::{corrupt, store_error, vault_error},
    schema::{channel_bindings, contact_addresses, contacts, conversations},
    sealing::{contact_key, name_place, open_contact_address, open_contact_text, running_summary_place},
    types::{Conn, Id, Ts},
};

/// What of a conversation's row makes a [`Conversation`].
#[derive(Queryable, Selectable)]
#[diesel(table_name = conversations)]
pub(crate) struct ConversationRow {
    pub(crate) id: Id,
    contact_id: Id,
    pub(crate) binding_id: Id,
    channel: String,
    pub(crate) address_index: Vec<u8>,
    status: String,
    owner: String,
    created_at: Ts,
    pub(crate) last_message_at: Ts,
    version: i64,
    summary_sealed: Option<Vec<u8>>,
    summary_through: Option<Id>,
    summary_through_at: Option<Ts>,
}

/// What of a contact's row a conversation shows.
#[derive(Queryable, Selectable)]
#[diesel(table_name = contacts)]
pub(crate) struct ContactPart {
    pub(crate) key_wrapped: Vec<u8>,
    name_sealed: Option<Vec<u8>>,
    name_source: Option<String>,
    language: Option<String>,
}

/// What of a binding's row a conversation needs.
#[derive(Queryable, Selectable)]
#[diesel(table_name = channel_bindings)]
pub(crate) struct BindingPart {
    provider: String,
    is_active: bool,
}

/// A conversation's row with what it needs of others to be read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = conversations)]
pub(crate) struct ConversationParts {
    #[diesel(embed)]
    conversation: ConversationRow,
    #[diesel(embed)]
    pub(crate) contact: ContactPart,
    #[diesel(embed)]
    binding: BindingPart,
    #[diesel(select_expression = contact_addresses::address_sealed)]
    address_sealed: Vec<u8>,
}

/// A conversation, read, with the key that opens its messages.
pub(crate) struct OpenedConversation {
    pub(crate) view: ConversationView,
    pub(crate) vault: Arc<dyn ContactVault>,
    pub(crate) language: Option<Language>,
    pub(crate) address_index: Vec<u8>,
    /// Who carries what is said in it.
    pub(crate) provider: Provider,
    /// Whether the tenant's address is switched on.
    pub(crate) channel_is_active: bool,
}

/// Joins what [`ConversationParts`] are selected from; a macro, because the type of a joined query cannot well be named.
macro_rules! conversation_tables {
    ($tenant:expr) => {
        conversations::table
            .inner_join(
                contacts::table.on(contacts::tenant_id
                    .eq(conversations::tenant_id)
                    .and(contacts::id.eq(conversations::contact_id))),
            )
            .inner_join(
                contact_addresses::table.on(contact_addresses::tenant_id
                    .eq(conversations::tenant_id)
                    .and(contact_addresses::address_index.eq(conversations::address_index))),
            )
            .inner_join(
                channel_bindings::table.on(channel_bindings::tenant_id
                    .eq(conversations::tenant_id)
                    .and(channel_bindings::id.eq(conversations::binding_id))),
            )
            .filter(conversations::tenant_id.eq(Id($tenant)))
    };
}
pub(crate) use conversation_tables;

/// Opens a conversation's rows.
pub(crate) fn open_parts(
    tenant_vault: &dyn TenantVault,
    parts: ConversationParts,
) -> Result<OpenedConversation, StoreError> {
    let ConversationParts { conversation: mut row, contact, binding, address_sealed } = parts;
    let contact_id = ContactId::new(row.contact_id.0);
    let key = contact_key(contact.key_wrapped);
    let vault = tenant_vault.unlock_contact(contact_id, &key).map_err(vault_error)?;
    let name = open_name(&*vault, row.contact_id.0, contact.name_sealed, contact.name_source.as_deref())?;
    let summary = open_summary(&*vault, &mut row)?;
    let conversation = Conversation {
        id: ConversationId::new(row.id.0),
        contact_id,
        binding_id: BindingId::new(row.binding_id.0),
        channel: Channel::from_name(&row.channel).ok_or_else(|| corrupt("channel"))?,
        address: open_contact_address(&*vault, row.contact_id.0, address_sealed)?,
        status: ConversationStatus::from_name(&row.status).ok_or_else(|| corrupt("status"))?,
        owner: Owner::from_name(&row.owner).ok_or_else(|| corrupt("owner"))?,
        created_at: row.created_at.0,
        last_message_at: row.last_message_at.0,
        version: row.version,
    };
    Ok(OpenedConversation {
        view: ConversationView { conversation, contact_name: name, summary },
        vault,
        language: open_language(contact.language.as_deref())?,
        address_index: row.address_index,
        provider: Provider::from_name(&binding.provider).ok_or_else(|| corrupt("provider"))?,
        channel_is_active: binding.is_active,
    })
}

/// Opens what was said before the last messages.
fn open_summary(vault: &dyn ContactVault, row: &mut ConversationRow) -> Result<Option<Summary>, StoreError> {
    let Some(sealed) = row.summary_sealed.take() else { return Ok(None) };
    let (Some(through), Some(at)) = (row.summary_through, row.summary_through_at) else {
        return Err(corrupt("summary"));
    };
    let text = open_contact_text(vault, running_summary_place(row.id.0), sealed)?;
    Ok(Some(Summary { text, through: MessageId::new(through.0), through_at: at.0 }))
}

/// Opens a contact's name.
pub(crate) fn open_name(
    vault: &dyn ContactVault,
    contact: Uuid,
    sealed: Option<Vec<u8>>,
    source: Option<&str>,
) -> Result<Option<ContactName>, StoreError> {
    let (Some(sealed), Some(source)) = (sealed, source) else { return Ok(None) };
    let source = NameSource::from_name(source).ok_or_else(|| corrupt("name source"))?;
    Ok(Some(ContactName { text: open_contact_text(vault, name_place(contact), sealed)?, source }))
}

/// Reads a contact's language.
pub(crate) fn open_language(tag: Option<&str>) -> Result<Option<Language>, StoreError> {
    tag.map(|tag| Language::from_tag(tag).ok_or_else(|| corrupt("language"))).transpose()
}

/// Finds a conversation of a tenant and opens it.
pub(crate) async fn find_conversation(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    id: ConversationId,
) -> Result<Option<OpenedConversation>, StoreError> {
    let parts = find_parts(conn, tenant, id).await?;
    parts.map(|parts| open_parts(vault, parts)).transpose()
}

/// Finds a conversation of a tenant, without opening it.
pub(crate) async fn find_parts(
    conn: &mut Conn,
    tenant: TenantId,
    id: ConversationId,
) -> Result<Option<ConversationParts>, StoreError> {
    conversation_tables!(tenant.uuid())
        .filter(conversations::id.eq(Id(id.uuid())))
        .select(ConversationParts::as_select())
        .get_result::<ConversationParts>(conn)
        .await
        .optional()
        .map_err(store_error)
}
