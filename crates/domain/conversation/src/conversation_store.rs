//! The port to stored conversations.

use async_trait::async_trait;
use kernel::{BindingId, ContactId, ConversationId, MessageId, Page, PageRequest, StoreError, Timestamp};
use tenancy::{Address, Channel, Provider, TenantScope};

use crate::{
    claim::Claim,
    consent::ConsentChange,
    conversation::{ConversationChange, ConversationStatus, ConversationView},
    handoff::Handoff,
    keyword::InboundIntent,
    message::{Body, Message},
    send_gate::RefusedSend,
    turn::{TurnCommit, TurnContext},
};

/// An inbound message about to be stored. Ids are candidates: they are used if the thing is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInbound {
    /// The message's id.
    pub message_id: MessageId,
    /// The contact's id, should the address be new.
    pub contact_id: ContactId,
    /// The conversation's id, should none be open.
    pub conversation_id: ConversationId,
    /// The tenant's address that was written to.
    pub binding_id: BindingId,
    /// The channel.
    pub channel: Channel,
    /// Who carried it.
    pub provider: Provider,
    /// The carrier's id; a second message with it is a duplicate for ever.
    pub provider_message_id: String,
    /// Who wrote.
    pub from: Address,
    /// What was said.
    pub body: Body,
    /// What it asks of us beside an answer.
    pub intent: InboundIntent,
    /// Whether the carrier has answered it itself.
    pub carrier_answered: bool,
    /// The change of consent that it brings.
    pub consent: Option<ConsentChange>,
    /// When it came.
    pub received_at: Timestamp,
    /// When a turn should answer it, if nothing more is said until then.
    pub answer_at: Timestamp,
    /// How much later than its own time `answer_at` may be pushed by messages that follow.
    pub patience: chrono::TimeDelta,
}

/// What became of an inbound message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is stored, and a turn will answer it.
    Stored {
        /// The conversation that it joined.
        conversation_id: ConversationId,
        /// Its id.
        message_id: MessageId,
    },
    /// It was stored before; nothing was written.
    Duplicate {
        /// The conversation of the first one.
        conversation_id: ConversationId,
        /// The id of the first one.
        message_id: MessageId,
        /// Whether the first one said the same.
        same_body: bool,
    },
}

/// Which conversations are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// Only with this contact address.
    pub contact_address: Option<Address>,
    /// Only with this status.
    pub status: Option<ConversationStatus>,
}

/// Whether a message has been answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No turn has taken it up yet.
    Pending,
    /// A turn has; these are its messages, oldest first. None when it stayed silent.
    Given(Vec<Message>),
}

/// Keeps conversations.
///
/// An adapter MUST make these true in the database itself: one open conversation for each (tenant, binding,
/// contact address), one contact for each (tenant, address), one message for each (tenant, provider, provider
/// message id). It MUST keep names, addresses and bodies sealed.
#[async_trait]
pub trait ConversationStore: Send + Sync {
    /// Stores an inbound message with all that follows from it, in one transaction: the contact and the open
    /// conversation if they are new, the message, the change of consent and its ledger line, and a turn job
    /// that is due at `answer_at` (pushed back by each message, at most by `patience` after the first that no
    /// claim has taken up; one that [was given back](crate::JobQueue::release) rests).
    ///
    /// # Errors
    /// When the store fails. A repeated message is no error but [`Received::Duplicate`].
    async fn receive(&self, scope: &TenantScope, inbound: &NewInbound) -> Result<Received, StoreError>;

    /// Returns a conversation.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(
        &self,
        scope: &TenantScope,
        id: ConversationId,
    ) -> Result<Option<ConversationView>, StoreError>;

    /// Returns conversations, the one with the latest message first.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(
        &self,
        scope: &TenantScope,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<ConversationView>, StoreError>;

    /// Returns a conversation's messages, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    async fn list_messages(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        page: &PageRequest,
    ) -> Result<Page<Message>, StoreError>;

    /// Returns what the send gate did not let out, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    async fn list_refused_sends(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        page: &PageRequest,
    ) -> Result<Page<RefusedSend>, StoreError>;

    /// Returns what was handed to people, newest first, with the conversations.
    ///
    /// # Errors
    /// When the store fails.
    async fn list_handoffs(
        &self,
        scope: &TenantScope,
        page: &PageRequest,
    ) -> Result<Page<(ConversationId, Handoff)>, StoreError>;

    /// Returns what a turn needs to know, with at most `history` messages beside the unanswered; `None` when
    /// there is no such conversation.
    ///
    /// # Errors
    /// When the store fails.
    async fn load_turn(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        history: u16,
    ) -> Result<Option<TurnContext>, StoreError>;

    /// Writes a turn, its messages, refusal, hand-off and events, marks what it answers, adds what it has used to the
    /// day's usage, and ends the claim: the turn job goes, unless unanswered messages remain. Queued messages get a delivery
    /// job that is due at once, events with a private part a reaction. A hand-off makes a person the owner and raises the
    /// conversation's version by one; the turn's own messages leave all the same. A refusal MUST be told as
    /// [`send_refused`](crate::send_refused) in the same transaction, after the turn's events.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the claim's fence is not the job's any more, or the conversation's version
    /// is not the one that was read. Then nothing is written.
    async fn commit_turn(
        &self,
        scope: &TenantScope,
        claim: &Claim,
        commit: &TurnCommit,
    ) -> Result<(), StoreError>;

    /// Tells whether a turn has answered an inbound message; `None` when there is no such message.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_answer(
        &self,
        scope: &TenantScope,
        message: MessageId,
    ) -> Result<Option<Answer>, StoreError>;

    /// Saves a change of a conversation and raises its version by one. Queued messages get a delivery job that
    /// is due at once; messages are added to the day's usage. An adapter MUST record the change's action in the audit log.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the version is not the one that was read; [`StoreError::Duplicate`] when
    /// it would be the second open conversation of its kind. Then nothing is written.
    async fn save(
        &self,
        scope: &TenantScope,
        change: &ConversationChange,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}
