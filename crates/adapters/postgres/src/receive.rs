//! Storing an inbound message with all that follows from it, in one round trip.

use std::sync::Arc;

use conversation::{NewInbound, Received};
use diesel::sql_types::{Binary, Nullable, Record, Text, Uuid as UuidSql};
use diesel_async::RunQueryDsl as _;
use kernel::{ContactId, ConversationId, MessageId, StoreError, TenantId};
use tenancy::{BlindIndex, TenantScope, TenantVault};

use crate::{
    Stores,
    errors::{corrupt, store_error, vault_error},
    sealing::{address_index, contact_key, evidence_place, open_body, seal_body, seal_contact_address},
    senders::Sender,
    types::{Id, Ts},
};

/// So often a message is sealed anew, because its sender turned out to be another contact than was thought.
const MOST_TRIES: usize = 4;

/// What the database answers; see the migration that makes the function.
type Verdict = (String, Option<Id>, Option<Id>, Option<Vec<u8>>, Option<Id>, Option<Vec<u8>>);

/// The columns of [`Verdict`].
pub(super) type VerdictSql = Record<(
    Text,
    Nullable<UuidSql>,
    Nullable<UuidSql>,
    Nullable<Binary>,
    Nullable<UuidSql>,
    Nullable<Binary>,
)>;

mod in_database {
    #![expect(clippy::too_many_arguments, reason = "one round trip takes everything along")]
    //! The function as the migration makes it.

    use diesel::sql_types::{Binary, Bool, Nullable, Text, Timestamptz, Uuid as UuidSql};

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
            let answer = match self.call(&sender, is_new).await {
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

    async fn call(&self, sender: &Sender, is_new: bool) -> Result<Verdict, StoreError> {
        let sealed = self.seal(sender, is_new)?;
        let inbound = self.inbound;
        let consent = inbound.consent.as_ref();
        let mut conn = self.stores.db.single_statement(self.scope).await?;
        diesel::select(in_database::receive_message(
            Id(self.tenant.uuid()),
            self.index.0.as_slice(),
            Id(sender.id.uuid()),
            sender.key.bytes.as_slice(),
            is_new,
            sealed.address,
            Id(inbound.conversation_id.uuid()),
            Id(inbound.binding_id.uuid()),
            inbound.channel.as_str(),
            Id(inbound.message_id.uuid()),
            sealed.body,
            inbound.intent.as_str(),
            inbound.carrier_answered,
            inbound.provider.as_str(),
            inbound.provider_message_id.as_str(),
            Ts(inbound.received_at),
            Ts(inbound.answer_at),
            Ts(inbound.answer_at + inbound.patience),
            consent.map(|change| change.action.leads_to().as_str()),
            consent.map(|change| change.action.as_str()),
            consent.map(|change| change.source.as_str()),
            consent.map(|change| Id(change.entry_id.uuid())),
            sealed.evidence,
            consent.and_then(|change| change.message_id).map(|id| Id(id.uuid())),
            consent.map(|change| Ts(change.at)),
        ))
        .get_result::<Verdict>(&mut *conn)
        .await
        .map_err(store_error)
    }

    fn seal(&self, sender: &Sender, is_new: bool) -> Result<SealedParts, StoreError> {
        let inbound = self.inbound;
        let evidence = inbound.consent.as_ref().map(|change| {
            let place = evidence_place(change.entry_id.uuid());
            self.vault.seal(place, change.evidence.as_bytes()).map_err(vault_error)
        });
        let address = is_new.then(|| seal_contact_address(&*sender.vault, sender.id.uuid(), &inbound.from));
        Ok(SealedParts {
            address: address.transpose()?,
            body: seal_body(&*sender.vault, inbound.message_id.uuid(), &inbound.body)?,
            evidence: evidence.transpose()?.map(|sealed| sealed.0),
        })
    }
}

/// What of a message is encrypted.
struct SealedParts {
    address: Option<Vec<u8>>,
    body: Vec<u8>,
    evidence: Option<Vec<u8>>,
}

fn conversation_id(id: Option<Id>) -> Result<ConversationId, StoreError> {
    id.map(|id| ConversationId::new(id.0)).ok_or_else(|| corrupt("conversation"))
}
