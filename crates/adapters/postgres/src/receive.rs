//! Storing an inbound message with all that follows from it, in one round trip.

use std::sync::Arc;

use conversation::{ConsentChange, NewInbound, Received};
use diesel::sql_types::{Array, Binary, Nullable, Record, Text, Uuid as UuidSql};
use diesel_async::RunQueryDsl as _;
use kernel::{ContactId, ConversationId, MessageId, StoreError, TenantId};
use tenancy::{BlindIndex, TenantScope, TenantVault};

use crate::{
    Stores,
    db::Database,
    errors::{corrupt, store_error, vault_error},
    sealing::{address_index, contact_key, evidence_place, open_body, seal_body, seal_contact_address},
    senders::Sender,
    types::{Id, Ts},
};

/// So often a message is sealed anew, because its sender turned out to be another contact than was thought.
const MOST_TRIES: usize = 4;

/// What the database answers; see the migration that makes the function.
pub(crate) type Verdict = (String, Option<Id>, Option<Id>, Option<Vec<u8>>, Option<Id>, Option<Vec<u8>>);

/// The columns of [`Verdict`].
pub(super) type VerdictSql = Record<(
    Text,
    Nullable<UuidSql>,
    Nullable<UuidSql>,
    Nullable<Binary>,
    Nullable<UuidSql>,
    Nullable<Binary>,
)>;

/// What the database answers of many, column by column.
type Verdicts = (
    Vec<String>,
    Vec<Option<Id>>,
    Vec<Option<Id>>,
    Vec<Option<Vec<u8>>>,
    Vec<Option<Id>>,
    Vec<Option<Vec<u8>>>,
);

/// The columns of [`Verdicts`].
pub(super) type VerdictsSql = Record<(
    Array<Text>,
    Array<Nullable<UuidSql>>,
    Array<Nullable<UuidSql>>,
    Array<Nullable<Binary>>,
    Array<Nullable<UuidSql>>,
    Array<Nullable<Binary>>,
)>;

mod in_database {
    #![expect(clippy::too_many_arguments, reason = "one round trip takes everything along")]
    //! The functions as the migrations make them.

    use diesel::sql_types::{Array, Binary, Bool, Nullable, Text, Timestamptz, Uuid as UuidSql};

    diesel::define_sql_function! {
        /// Stores an inbound message, or says why it cannot.
        fn receive_message(
            tenant: UuidSql, index: Binary, contact: UuidSql, contact_key: Binary, is_new_contact: Bool,
            sealed_address: Nullable<Binary>, conversation: UuidSql, binding: UuidSql, channel: Text,
            message: UuidSql, body: Binary, intent: Text, is_carrier_answered: Bool, provider: Text,
            provider_message_id: Text, received_at: Timestamptz, run_at: Timestamptz, latest_run_at: Timestamptz,
            consent_state: Nullable<Text>, consent_action: Nullable<Text>, consent_source: Nullable<Text>,
            consent_entry: Nullable<UuidSql>, consent_evidence: Nullable<Binary>,
            consent_message: Nullable<UuidSql>, consent_at: Nullable<Timestamptz>,
        ) -> crate::receive::VerdictSql;
    }

    diesel::define_sql_function! {
        /// Stores many inbound messages that change no consent, and says of each why it cannot.
        fn receive_messages(
            tenants: Array<UuidSql>, indexes: Array<Binary>, contacts: Array<UuidSql>, contact_keys: Array<Binary>,
            are_new_contacts: Array<Bool>, sealed_addresses: Array<Nullable<Binary>>,
            conversations: Array<UuidSql>, bindings: Array<UuidSql>, channels: Array<Text>,
            messages: Array<UuidSql>, bodies: Array<Binary>, intents: Array<Text>,
            are_carrier_answered: Array<Bool>, providers: Array<Text>, provider_message_ids: Array<Text>,
            were_received_at: Array<Timestamptz>, run_at: Array<Timestamptz>, latest_run_at: Array<Timestamptz>,
        ) -> crate::receive::VerdictsSql;
    }
}

impl Stores {
    /// Stores an inbound message; see [`conversation::ConversationStore::receive`].
    pub(crate) async fn receive_message(
        &self,
        scope: &TenantScope,
        inbound: &NewInbound,
    ) -> Result<Received, StoreError> {
        let tenant = scope.tenant_id();
        let vault = match self.db.keys.unlocked(tenant) {
            Some(vault) => vault,
            None => self.db.keys.of(tenant, &mut *self.db.read(scope).await?).await?,
        };
        let index = address_index(&*vault, &inbound.from);
        let receipt = Receipt { stores: self, scope, tenant, vault, index, inbound };
        let received = Box::pin(receipt.store()).await;
        self.db.signal_work();
        received
    }
}

/// An inbound message on its way into the database.
struct Receipt<'a> {
    stores: &'a Stores,
    scope: &'a TenantScope,
    tenant: TenantId,
    vault: Arc<dyn TenantVault>,
    index: BlindIndex,
    inbound: &'a NewInbound,
}

impl Receipt<'_> {
    /// Takes the sender for whoever wrote from the address last, or for somebody new, and is corrected by the database.
    async fn store(&self) -> Result<Received, StoreError> {
        let senders = &self.stores.db.senders;
        let mut known = senders.find(self.tenant, &self.index);
        for _ in 0..MOST_TRIES {
            let is_new = known.is_none();
            let sender = match &known {
                Some(sender) => sender.clone(),
                None => self.new_sender()?,
            };
            let arrival = self.arrival(&sender, is_new)?;
            let answer = match self.stores.store_with_others(arrival).await {
                // The same message under another address, or a conversation reopened at this moment: look again.
                Err(StoreError::Duplicate) => continue,
                answer => answer?,
            };
            let (verdict, conversation, message, body, contact, key) = answer;
            match verdict.as_str() {
                "stored" => {
                    senders.remember(self.tenant, &self.index, sender);
                    return Ok(Received::Stored {
                        conversation_id: conversation_id(conversation)?,
                        message_id: self.inbound.message_id,
                    });
                }
                "duplicate" => {
                    return self.duplicate((conversation, message, body), &self.sender(contact, key)?);
                }
                "other_key" => known = Some(self.sender(contact, key)?),
                "no_contact" => {
                    senders.forget(self.tenant, &self.index);
                    known = None;
                }
                _ => return Err(corrupt("verdict")),
            }
        }
        Err(StoreError::Duplicate)
    }

    fn new_sender(&self) -> Result<Sender, StoreError> {
        let id = self.inbound.contact_id;
        let key = self.vault.mint_contact_key(id).map_err(vault_error)?;
        let vault = self.vault.unlock_contact(id, &key).map_err(vault_error)?;
        Ok(Sender { id, key, vault })
    }

    fn sender(&self, contact: Option<Id>, key: Option<Vec<u8>>) -> Result<Sender, StoreError> {
        let (Some(id), Some(key)) = (contact, key) else { return Err(corrupt("sender")) };
        let (id, key) = (ContactId::new(id.0), contact_key(key));
        let vault = self.vault.unlock_contact(id, &key).map_err(vault_error)?;
        Ok(Sender { id, key, vault })
    }

    fn duplicate(
        &self,
        (conversation, message, body): (Option<Id>, Option<Id>, Option<Vec<u8>>),
        sender: &Sender,
    ) -> Result<Received, StoreError> {
        let (Some(message), Some(body)) = (message, body) else { return Err(corrupt("message")) };
        let first = open_body(&*sender.vault, message.0, body)?;
        Ok(Received::Duplicate {
            conversation_id: conversation_id(conversation)?,
            message_id: MessageId::new(message.0),
            same_body: first == self.inbound.body,
        })
    }

    /// Seals the message for a sender.
    fn arrival(&self, sender: &Sender, is_new: bool) -> Result<Arrival, StoreError> {
        let inbound = self.inbound;
        let address = is_new.then(|| seal_contact_address(&*sender.vault, sender.id.uuid(), &inbound.from));
        Ok(Arrival {
            scope: self.scope.clone(),
            index: self.index.0,
            contact: Id(sender.id.uuid()),
            contact_key: sender.key.bytes.clone(),
            is_new_contact: is_new,
            sealed_address: address.transpose()?,
            conversation: Id(inbound.conversation_id.uuid()),
            binding: Id(inbound.binding_id.uuid()),
            channel: inbound.channel.as_str(),
            message: Id(inbound.message_id.uuid()),
            body: seal_body(&*sender.vault, inbound.message_id.uuid(), &inbound.body)?,
            intent: inbound.intent.as_str(),
            is_carrier_answered: inbound.carrier_answered,
            provider: inbound.provider.as_str(),
            provider_message_id: inbound.provider_message_id.clone(),
            received_at: Ts(inbound.received_at),
            run_at: Ts(inbound.answer_at),
            latest_run_at: Ts(inbound.answer_at + inbound.patience),
            consent: inbound.consent.as_ref().map(|change| self.consent(change)).transpose()?,
        })
    }

    fn consent(&self, change: &ConsentChange) -> Result<ArrivingConsent, StoreError> {
        let place = evidence_place(change.entry_id.uuid());
        let evidence = self.vault.seal(place, change.evidence.as_bytes()).map_err(vault_error)?;
        Ok(ArrivingConsent {
            state: change.action.leads_to().as_str(),
            action: change.action.as_str(),
            source: change.source.as_str(),
            entry: Id(change.entry_id.uuid()),
            evidence: evidence.0,
            message: change.message_id.map(|id| Id(id.uuid())),
            at: Ts(change.at),
        })
    }
}

/// An inbound message, sealed for whom its sender is taken for.
pub(crate) struct Arrival {
    scope: TenantScope,
    index: [u8; 32],
    contact: Id,
    contact_key: Vec<u8>,
    is_new_contact: bool,
    sealed_address: Option<Vec<u8>>,
    conversation: Id,
    binding: Id,
    channel: &'static str,
    message: Id,
    body: Vec<u8>,
    intent: &'static str,
    is_carrier_answered: bool,
    provider: &'static str,
    provider_message_id: String,
    received_at: Ts,
    run_at: Ts,
    latest_run_at: Ts,
    consent: Option<ArrivingConsent>,
}

/// A change of consent that a message brings.
struct ArrivingConsent {
    state: &'static str,
    action: &'static str,
    source: &'static str,
    entry: Id,
    evidence: Vec<u8>,
    message: Option<Id>,
    at: Ts,
}

impl Arrival {
    /// Tells whether it brings a change of consent.
    pub(crate) fn changes_consent(&self) -> bool {
        self.consent.is_some()
    }

    /// Returns what tells its sender from all others.
    pub(crate) fn sender_key(&self) -> (TenantId, [u8; 32]) {
        (self.scope.tenant_id(), self.index)
    }

    fn tenant(&self) -> Id {
        Id(self.scope.tenant_id().uuid())
    }
}

/// Stores one message by itself.
pub(crate) async fn store(db: &Database, arrival: &Arrival) -> Result<Verdict, StoreError> {
    let consent = arrival.consent.as_ref();
    let mut conn = db.single_statement(&arrival.scope).await?;
    diesel::select(in_database::receive_message(
        arrival.tenant(),
        arrival.index.as_slice(),
        arrival.contact,
        arrival.contact_key.as_slice(),
        arrival.is_new_contact,
        arrival.sealed_address.as_deref(),
        arrival.conversation,
        arrival.binding,
        arrival.channel,
        arrival.message,
        arrival.body.as_slice(),
        arrival.intent,
        arrival.is_carrier_answered,
        arrival.provider,
        arrival.provider_message_id.as_str(),
        arrival.received_at,
        arrival.run_at,
        arrival.latest_run_at,
        consent.map(|change| change.state),
        consent.map(|change| change.action),
        consent.map(|change| change.source),
        consent.map(|change| change.entry),
        consent.map(|change| change.evidence.as_slice()),
        consent.and_then(|change| change.message),
        consent.map(|change| change.at),
    ))
    .get_result::<Verdict>(&mut *conn)
    .await
    .map_err(store_error)
}

/// Stores messages that change no consent, all or none, and returns what is said of each.
pub(crate) async fn store_all(db: &Database, arrivals: &[&Arrival]) -> Result<Vec<Verdict>, StoreError> {
    let Some(first) = arrivals.first() else { return Ok(Vec::new()) };
    let mut conn = db.single_statement(&first.scope).await?;
    let verdicts = diesel::select(in_database::receive_messages(
        column(arrivals, Arrival::tenant),
        column(arrivals, |one| one.index.as_slice()),
        column(arrivals, |one| one.contact),
        column(arrivals, |one| one.contact_key.as_slice()),
        column(arrivals, |one| one.is_new_contact),
        column(arrivals, |one| one.sealed_address.as_deref()),
        column(arrivals, |one| one.conversation),
        column(arrivals, |one| one.binding),
        column(arrivals, |one| one.channel),
        column(arrivals, |one| one.message),
        column(arrivals, |one| one.body.as_slice()),
        column(arrivals, |one| one.intent),
        column(arrivals, |one| one.is_carrier_answered),
        column(arrivals, |one| one.provider),
        column(arrivals, |one| one.provider_message_id.as_str()),
        column(arrivals, |one| one.received_at),
        column(arrivals, |one| one.run_at),
        column(arrivals, |one| one.latest_run_at),
    ))
    .get_result::<Verdicts>(&mut *conn)
    .await
    .map_err(store_error)?;
    let (verdicts, conversations, messages, bodies, contacts, keys) = verdicts;
    if [conversations.len(), messages.len(), bodies.len(), contacts.len(), keys.len(), arrivals.len()]
        .iter()
        .any(|count| *count != verdicts.len())
    {
        return Err(corrupt("verdicts"));
    }
    let rest = conversations.into_iter().zip(messages).zip(bodies).zip(contacts).zip(keys);
    Ok(verdicts
        .into_iter()
        .zip(rest)
        .map(|(verdict, ((((conversation, message), body), contact), key))| {
            (verdict, conversation, message, body, contact, key)
        })
        .collect())
}

fn column<'a, T>(arrivals: &[&'a Arrival], part: impl Fn(&'a Arrival) -> T) -> Vec<T> {
    arrivals.iter().map(|one| part(one)).collect()
}

fn conversation_id(id: Option<Id>) -> Result<ConversationId, StoreError> {
    id.map(|id| ConversationId::new(id.0)).ok_or_else(|| corrupt("conversation"))
}
