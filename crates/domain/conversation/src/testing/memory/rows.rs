//! One tenant's rows, and the changes that several stores make to them.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;
use kernel::{BindingId, ContactId, ConversationId, DomainEvent, MessageId, Timestamp, TurnId};
use tenancy::{Address, ChannelBinding, Provider, TenantStatus};

use super::job::Job;
use crate::{
    Body, Claim, Consent, ConsentChange, Contact, Conversation, ConversationStatus, ConversationView,
    DeliveryState, Direction, Handoff, InboundIntent, JobKind, LedgerEntry, Message, NewOutbound, Purpose,
    RefusedSend, Summary,
};

/// Everything that is stored for one tenant.
pub(super) struct TenantRows {
    pub(super) status: TenantStatus,
    pub(super) bindings: BTreeMap<BindingId, ChannelBinding>,
    pub(super) contacts: BTreeMap<ContactId, Contact>,
    pub(super) conversations: BTreeMap<ConversationId, Conversation>,
    pub(super) messages: BTreeMap<MessageId, MessageRow>,
    pub(super) consents: HashMap<Address, Consent>,
    pub(super) ledger: Vec<LedgerEntry>,
    pub(super) refused: Vec<(ConversationId, RefusedSend)>,
    pub(super) handoffs: Vec<(ConversationId, Handoff)>,
    pub(super) events: Vec<(ConversationId, DomainEvent)>,
    pub(super) summaries: HashMap<ConversationId, Summary>,
    pub(super) tokens_used: u64,
    pub(super) jobs: HashMap<(ConversationId, JobKind), Job>,
    /// Never falls, not even when a job ends and comes again: an old claim must not fit the new job.
    pub(super) last_fence: i64,
}

/// A message and what the outside does not see of it.
pub(super) struct MessageRow {
    pub(super) message: Message,
    pub(super) provider: Provider,
    pub(super) sending: Option<Sending>,
}

/// How an outbound message leaves.
pub(super) struct Sending {
    pub(super) purpose: Purpose,
    pub(super) waits: bool,
    pub(super) attempts: i32,
    pub(super) attempted_at: Timestamp,
    pub(super) account_sid: Option<String>,
    pub(super) look_ups: i32,
}

impl Default for TenantRows {
    fn default() -> Self {
        Self {
            status: TenantStatus::Active,
            bindings: BTreeMap::new(),
            contacts: BTreeMap::new(),
            conversations: BTreeMap::new(),
            messages: BTreeMap::new(),
            consents: HashMap::new(),
            ledger: Vec::new(),
            refused: Vec::new(),
            handoffs: Vec::new(),
            events: Vec::new(),
            summaries: HashMap::new(),
            tokens_used: 0,
            jobs: HashMap::new(),
            last_fence: 0,
        }
    }
}

impl MessageRow {
    /// Tells whether the message's fate is open: it has not left for sure, and was not refused.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.message.delivery_state, DeliveryState::Queued | DeliveryState::Unknown)
    }

    /// Returns how many attempts were begun.
    pub(super) fn attempts(&self) -> i32 {
        self.sending.as_ref().map_or(0, |sending| sending.attempts)
    }

    /// Raises how far the message has come; why it failed belongs to that.
    pub(super) fn advance(&mut self, reached: DeliveryState, error_code: Option<&str>) {
        let after = self.message.delivery_state.advanced_by(reached);
        if after != self.message.delivery_state {
            self.message.delivery_state = after;
            self.message.error_code = error_code.map(str::to_owned);
        }
    }

    /// Tells whether the message waits to leave. What a carrier has reported on never waits again.
    pub(super) fn waits(&self) -> bool {
        self.is_open() && self.sending.as_ref().is_some_and(|sending| sending.waits)
    }
}

impl TenantRows {
    pub(super) fn contact_with(&self, address: &Address) -> Option<&Contact> {
        self.contacts.values().find(|contact| contact.addresses.contains(address))
    }

    pub(super) fn open_conversation(&self, binding: BindingId, address: &Address) -> Option<&Conversation> {
        self.conversations.values().find(|one| {
            one.status == ConversationStatus::Open && one.binding_id == binding && one.address == *address
        })
    }

    pub(super) fn view(&self, conversation: &Conversation) -> ConversationView {
        let contact = self.contacts.get(&conversation.contact_id);
        let contact_name = contact.and_then(|contact| contact.name.clone());
        let summary = self.summaries.get(&conversation.id).cloned();
        ConversationView { conversation: conversation.clone(), contact_name, summary }
    }

    /// Returns a conversation's messages, oldest first.
    pub(super) fn messages_of(&self, conversation: ConversationId) -> Vec<&MessageRow> {
        let mut rows: Vec<_> =
            self.messages.values().filter(|row| row.message.conversation_id == conversation).collect();
        rows.sort_by_key(|row| (row.message.created_at, row.message.id));
        rows
    }

    pub(super) fn message_with(&self, provider: Provider, provider_message_id: &str) -> Option<&MessageRow> {
        self.messages.values().find(|row| {
            row.provider == provider
                && row.message.provider_message_id.as_deref() == Some(provider_message_id)
        })
    }

    pub(super) fn consent(&self, address: &Address) -> Consent {
        self.consents.get(address).copied().unwrap_or_default()
    }

    pub(super) fn change_consent(&mut self, address: &Address, change: &ConsentChange) -> Consent {
        let consent = self.consents.entry(address.clone()).or_default();
        consent.state = change.action.leads_to();
        consent.changed_at = Some(change.at);
        consent.version += 1;
        self.ledger.push(LedgerEntry { address: address.clone(), change: change.clone() });
        *consent
    }

    /// Wants a job done at a time, or earlier if it is wanted earlier.
    pub(super) fn want(&mut self, conversation: ConversationId, kind: JobKind, at: Timestamp) {
        self.want_one((conversation, kind), at, false);
    }

    /// Wants a job done, also while it rests if it is in a hurry.
    fn want_one(&mut self, (conversation, kind): (ConversationId, JobKind), at: Timestamp, hurries: bool) {
        let jobs = self.jobs.entry((conversation, kind));
        // A look-up rests for the sake of another message.
        let hurries = hurries || kind == JobKind::Reconciliation;
        let again = |job: &mut Job| if hurries { job.hurry(at) } else { job.want(at) };
        jobs.and_modify(again).or_insert_with(|| Job::due_at(at, TimeDelta::zero()));
    }

    /// Returns the claim's job while the claim may still write.
    pub(super) fn claimed(&mut self, claim: &Claim) -> Option<&mut Job> {
        let job = self.jobs.get_mut(&(claim.conversation_id, claim.kind));
        job.filter(|job| job.is_claimed_with(claim.fence))
    }

    /// Writes messages, and wants those that are queued brought out at once.
    pub(super) fn write(
        &mut self,
        id: ConversationId,
        new: &[NewOutbound],
        turn: Option<TurnId>,
        at: Timestamp,
    ) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let Some(provider) = self.bindings.get(&conversation.binding_id).map(ChannelBinding::provider) else {
            return;
        };
        for outbound in new {
            conversation.last_message_at = conversation.last_message_at.max(outbound.at);
            self.messages.insert(outbound.id, outbound_row(id, outbound, turn, provider));
        }
        if new.iter().any(|outbound| outbound.state == DeliveryState::Queued) {
            let confirms = new.iter().any(|outbound| outbound.purpose == Purpose::OptOutConfirmation);
            self.want_one((id, JobKind::Delivery), at, confirms);
        }
    }
}

fn outbound_row(
    id: ConversationId,
    new: &NewOutbound,
    turn_id: Option<TurnId>,
    provider: Provider,
) -> MessageRow {
    let message = Message {
        id: new.id,
        conversation_id: id,
        direction: Direction::Outbound,
        author: new.purpose.author(),
        body: Body { text: new.text.clone(), attachments: Vec::new() },
        intent: InboundIntent::Ordinary,
        carrier_answered: false,
        delivery_state: new.state,
        provider_message_id: None,
        error_code: None,
        turn_id,
        created_at: new.at,
    };
    let waits = new.state == DeliveryState::Queued;
    let (attempted_at, account_sid) = (new.at, None);
    let sending =
        Sending { purpose: new.purpose, waits, attempts: 0, attempted_at, account_sid, look_ups: 0 };
    MessageRow { message, provider, sending: Some(sending) }
}
