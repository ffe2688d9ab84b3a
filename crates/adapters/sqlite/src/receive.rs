//! Storing an inbound message with all that follows from it.

use std::sync::Arc;

use conversation::{
    Author, ConsentChange, ConversationStatus, DeliveryState, Direction, JobKind, NewInbound, Owner,
    Received, consent_changed, conversation_opened, message_received,
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, RunQueryDsl as _, SqliteConnection, dsl::case_when, sql_types::BigInt, upsert::excluded,
};
use kernel::{ContactId, ConversationId, MessageId, StoreError, TenantId};
use tenancy::{BlindIndex, ContactVault, TenantScope, TenantVault};
use uuid::Uuid;

use crate::{
    Stores,
    connection::Plan as _,
    errors::{store_error, vault_error},
    event_rows::facts_text,
    schema::{consent_ledger, consents, contact_addresses, contacts, conversations, events, jobs, messages},
    sealing::{address_index, contact_key, evidence_place, open_body, seal_body, seal_contact_address},
    turn_commit::{is_first_since_claim, rests},
    types::{Id, Ts},
};

impl Stores {
    /// Stores an inbound message; see [`conversation::ConversationStore::receive`].
    pub(crate) async fn receive_message(
        &self,
        scope: &TenantScope,
        inbound: &NewInbound,
    ) -> Result<Received, StoreError> {
        let tenant = scope.tenant_id();
        let vault = {
            let mut tx = self.db.read(scope).await?;
            self.db.keys.of(tenant, &mut tx).await?
        };
        let index = address_index(&*vault, &inbound.from);
        let receipt = Receipt { tenant, vault, index, inbound: inbound.clone() };
        let received = self.db.in_transaction(move |conn| receipt.store(conn)).await;
        self.db.signal_work();
        received
    }
}

/// An inbound message on its way into the database.
struct Receipt {
    tenant: TenantId,
    vault: Arc<dyn TenantVault>,
    index: BlindIndex,
    inbound: NewInbound,
}

/// The contact that a message belongs to, with its key at hand.
struct Sender {
    id: Uuid,
    vault: Arc<dyn ContactVault>,
}

impl Receipt {
    /// Stores the message with all that follows from it.
    fn store(&self, conn: &mut SqliteConnection) -> Result<Received, StoreError> {
        if let Some(first) = self.find_first(conn)? {
            return Ok(first);
        }
        let sender = self.find_sender(conn)?.map_or_else(|| self.insert_sender(conn), Ok)?;
        let conversation = self.open_conversation(conn, &sender)?;
        self.insert_message(conn, &sender, conversation)?;
        if let Some(change) = &self.inbound.consent {
            change_consent(conn, (self.tenant, &*self.vault), &self.index, change)?;
        }
        self.want_turn(conn, conversation)?;
        let conversation_id = ConversationId::new(conversation);
        self.tell(conn, conversation_id, ContactId::new(sender.id))?;
        Ok(Received::Stored { conversation_id, message_id: self.inbound.message_id })
    }

    /// Returns the message that came first with this carrier's id.
    fn find_first(&self, conn: &mut SqliteConnection) -> Result<Option<Received>, StoreError> {
        let row = messages::table
            .inner_join(
                conversations::table.on(conversations::tenant_id
                    .eq(messages::tenant_id)
                    .and(conversations::id.eq(messages::conversation_id))),
            )
            .inner_join(
                contacts::table.on(contacts::tenant_id
                    .eq(conversations::tenant_id)
                    .and(contacts::id.eq(conversations::contact_id))),
            )
            .filter(messages::tenant_id.eq(Id(self.tenant.uuid())))
            .filter(messages::provider.eq(self.inbound.provider.as_str()))
            .filter(messages::provider_message_id.eq(&self.inbound.provider_message_id))
            .select((
                messages::id,
                messages::conversation_id,
                messages::body_sealed,
                contacts::id,
                contacts::key_wrapped,
            ))
            .get_result::<(Id, Id, Vec<u8>, Id, Vec<u8>)>(conn)
            .optional()
            .map_err(store_error)?;
        let Some((message, conversation, body, contact, key)) = row else { return Ok(None) };
        let vault = self.unlock(contact.0, key)?;
        let first = open_body(&*vault, message.0, body)?;
        Ok(Some(Received::Duplicate {
            conversation_id: ConversationId::new(conversation.0),
            message_id: MessageId::new(message.0),
            same_body: first == self.inbound.body,
        }))
    }

    fn find_sender(&self, conn: &mut SqliteConnection) -> Result<Option<Sender>, StoreError> {
        let row = contact_addresses::table
            .inner_join(
                contacts::table.on(contacts::tenant_id
                    .eq(contact_addresses::tenant_id)
                    .and(contacts::id.eq(contact_addresses::contact_id))),
            )
            .filter(contact_addresses::tenant_id.eq(Id(self.tenant.uuid())))
            .filter(contact_addresses::address_index.eq(self.index.0.as_slice()))
            .select((contacts::id, contacts::key_wrapped))
            .get_result::<(Id, Vec<u8>)>(conn)
            .optional()
            .map_err(store_error)?;
        row.map(|(id, key)| Ok(Sender { id: id.0, vault: self.unlock(id.0, key)? })).transpose()
    }

    fn insert_sender(&self, conn: &mut SqliteConnection) -> Result<Sender, StoreError> {
        let contact = self.inbound.contact_id;
        let key = self.vault.mint_contact_key(contact).map_err(vault_error)?;
        let vault = self.vault.unlock_contact(contact, &key).map_err(vault_error)?;
        let at = Ts(self.inbound.received_at);
        diesel::insert_into(contacts::table)
            .values((
                contacts::tenant_id.eq(Id(self.tenant.uuid())),
                contacts::id.eq(Id(contact.uuid())),
                contacts::key_wrapped.eq(&key.bytes),
                contacts::created_at.eq(at),
            ))
            .planned()
            .execute(conn)
            .map_err(store_error)?;
        diesel::insert_into(contact_addresses::table)
            .values((
                contact_addresses::tenant_id.eq(Id(self.tenant.uuid())),
                contact_addresses::address_index.eq(self.index.0.as_slice()),
                contact_addresses::contact_id.eq(Id(contact.uuid())),
                contact_addresses::address_sealed.eq(seal_contact_address(
                    &*vault,
                    contact.uuid(),
                    &self.inbound.from,
                )?),
                contact_addresses::created_at.eq(at),
            ))
            .planned()
            .execute(conn)
            .map_err(store_error)?;
        Ok(Sender { id: contact.uuid(), vault })
    }

    /// Joins the open conversation, or opens one.
    fn open_conversation(&self, conn: &mut SqliteConnection, sender: &Sender) -> Result<Uuid, StoreError> {
        let inbound = &self.inbound;
        let open = conversations::table
            .filter(conversations::tenant_id.eq(Id(self.tenant.uuid())))
            .filter(conversations::binding_id.eq(Id(inbound.binding_id.uuid())))
            .filter(conversations::address_index.eq(self.index.0.as_slice()))
            .filter(conversations::status.eq(ConversationStatus::Open.as_str()))
            .select(conversations::id)
            .get_result::<Id>(conn)
            .optional()
            .map_err(store_error)?;
        if let Some(id) = open {
            diesel::update(conversations::table.find((Id(self.tenant.uuid()), id)))
                // A clock that is behind moves no conversation down the list.
                .filter(conversations::last_message_at.lt(Ts(inbound.received_at)))
                .set(conversations::last_message_at.eq(Ts(inbound.received_at)))
                .planned()
                .execute(conn)
                .map_err(store_error)?;
            return Ok(id.0);
        }
        diesel::insert_into(conversations::table)
            .values((
                conversations::tenant_id.eq(Id(self.tenant.uuid())),
                conversations::id.eq(Id(inbound.conversation_id.uuid())),
                conversations::contact_id.eq(Id(sender.id)),
                conversations::binding_id.eq(Id(inbound.binding_id.uuid())),
                conversations::channel.eq(inbound.channel.as_str()),
                conversations::address_index.eq(self.index.0.as_slice()),
                conversations::status.eq(ConversationStatus::Open.as_str()),
                conversations::owner.eq(Owner::Bot.as_str()),
                conversations::created_at.eq(Ts(inbound.received_at)),
                conversations::last_message_at.eq(Ts(inbound.received_at)),
                conversations::version.eq(0_i64),
            ))
            .planned()
            .execute(conn)
            .map_err(store_error)?;
        Ok(inbound.conversation_id.uuid())
    }

    fn insert_message(
        &self,
        conn: &mut SqliteConnection,
        sender: &Sender,
        conversation: Uuid,
    ) -> Result<(), StoreError> {
        let inbound = &self.inbound;
        let id = inbound.message_id.uuid();
        diesel::insert_into(messages::table)
            .values((
                messages::tenant_id.eq(Id(self.tenant.uuid())),
                messages::id.eq(Id(id)),
                messages::conversation_id.eq(Id(conversation)),
                messages::direction.eq(Direction::Inbound.as_str()),
                messages::author.eq(Author::Contact.as_str()),
                messages::body_sealed.eq(seal_body(&*sender.vault, id, &inbound.body)?),
                messages::intent.eq(inbound.intent.as_str()),
                messages::carrier_answered.eq(inbound.carrier_answered),
                messages::provider.eq(inbound.provider.as_str()),
                messages::provider_message_id.eq(&inbound.provider_message_id),
                messages::delivery_state.eq(DeliveryState::Received.as_str()),
                messages::segments.eq(0),
                messages::waits.eq(false),
                messages::attempts.eq(0),
                messages::look_ups.eq(0),
                messages::created_at.eq(Ts(inbound.received_at)),
            ))
            .planned()
            .execute(conn)
            .map_err(store_error)?;
        Ok(())
    }

    /// Tells what has happened, in the order in which it did.
    fn tell(
        &self,
        conn: &mut SqliteConnection,
        conversation: ConversationId,
        contact: ContactId,
    ) -> Result<(), StoreError> {
        let inbound = &self.inbound;
        let is_new = conversation == inbound.conversation_id;
        let opened = is_new.then(|| conversation_opened(inbound, contact));
        let received = message_received(inbound, conversation, contact);
        let consent = inbound.consent.as_ref().map(|change| consent_changed(change, conversation));
        for event in opened.into_iter().chain([received]).chain(consent) {
            diesel::insert_into(events::table)
                .values((
                    events::tenant_id.eq(Id(self.tenant.uuid())),
                    events::id.eq(Id(event.id.uuid())),
                    events::name.eq(event.name.name),
                    events::version.eq(i32::from(event.name.version)),
                    events::at.eq(Ts(event.at)),
                    events::facts.eq(facts_text(&event)),
                    events::conversation_id.eq(Id(conversation.uuid())),
                ))
                .planned()
                .execute(conn)
                .map_err(store_error)?;
        }
        Ok(())
    }

    fn want_turn(&self, conn: &mut SqliteConnection, conversation: Uuid) -> Result<(), StoreError> {
        let run_at = self.inbound.answer_at;
        let latest = run_at + self.inbound.patience;
        diesel::insert_into(jobs::table)
            .values((
                jobs::tenant_id.eq(Id(self.tenant.uuid())),
                jobs::kind.eq(JobKind::Turn.as_str()),
                jobs::conversation_id.eq(Id(conversation)),
                jobs::run_at.eq(Ts(run_at)),
                jobs::latest_run_at.eq(Ts(latest)),
                jobs::fence.eq(0_i64),
                jobs::wanted.eq(1_i64),
                jobs::wanted_at_claim.eq(0_i64),
                jobs::attempts.eq(0),
            ))
            .on_conflict((jobs::tenant_id, jobs::kind, jobs::conversation_id))
            .do_update()
            .set((
                jobs::run_at.eq(case_when(is_first_since_claim(), excluded(jobs::run_at))
                    .when(rests(), jobs::run_at)
                    .otherwise(earlier_of(excluded(jobs::run_at), jobs::latest_run_at))),
                jobs::latest_run_at.eq(case_when(is_first_since_claim(), excluded(jobs::latest_run_at))
                    .otherwise(jobs::latest_run_at)),
                jobs::wanted.eq(jobs::wanted + excluded(jobs::wanted)),
            ))
            .planned()
            .execute(conn)
            .map_err(store_error)?;
        Ok(())
    }

    fn unlock(&self, contact: Uuid, key: Vec<u8>) -> Result<Arc<dyn ContactVault>, StoreError> {
        self.vault.unlock_contact(ContactId::new(contact), &contact_key(key)).map_err(vault_error)
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Returns the smaller of two values.
    #[sql_name = "min"]
    fn earlier_of(one: BigInt, other: BigInt) -> BigInt;
}

/// Writes a change of consent with its ledger line.
fn change_consent(
    conn: &mut SqliteConnection,
    (tenant, vault): (TenantId, &dyn TenantVault),
    index: &BlindIndex,
    change: &ConsentChange,
) -> Result<(), StoreError> {
    diesel::insert_into(consents::table)
        .values((
            consents::tenant_id.eq(Id(tenant.uuid())),
            consents::address_index.eq(index.0.as_slice()),
            consents::state.eq(change.action.leads_to().as_str()),
            consents::changed_at.eq(Ts(change.at)),
            consents::version.eq(1_i64),
        ))
        .on_conflict((consents::tenant_id, consents::address_index))
        .do_update()
        .set((
            consents::state.eq(excluded(consents::state)),
            consents::changed_at.eq(excluded(consents::changed_at)),
            consents::version.eq(consents::version + 1),
        ))
        .planned()
        .execute(conn)
        .map_err(store_error)?;
    let evidence = vault
        .seal(evidence_place(change.entry_id.uuid()), change.evidence.as_bytes())
        .map_err(vault_error)?;
    diesel::insert_into(consent_ledger::table)
        .values((
            consent_ledger::tenant_id.eq(Id(tenant.uuid())),
            consent_ledger::id.eq(Id(change.entry_id.uuid())),
            consent_ledger::address_index.eq(index.0.as_slice()),
            consent_ledger::action.eq(change.action.as_str()),
            consent_ledger::source.eq(change.source.as_str()),
            consent_ledger::evidence_sealed.eq(evidence.0),
            consent_ledger::message_id.eq(change.message_id.map(|id| Id(id.uuid()))),
            consent_ledger::at.eq(Ts(change.at)),
        ))
        .planned()
        .execute(conn)
        .map_err(store_error)?;
    Ok(())
}
