//! The steps that cases share: what is said, claimed, answered and changed.

use std::{ops::Deref, time::Duration};

use chrono::TimeDelta;
use kernel::{ConversationId, MessageId, PageRequest, StoreError};
use tenancy::Address;

use super::checks::change_of;
use crate::{
    Claim, Claims, Conversation, ConversationChange, ConversationStatus, DeliveryState, JobKind, Message,
    NewInbound, Owner, Received, TurnCommit, TurnContext,
    testing::{ConversationStores, Samples},
};

/// How long a case holds what it claims.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// Fresh stores, and values to write to them.
pub(super) struct Case<'a> {
    stores: &'a ConversationStores,
    pub(super) samples: Samples,
}

impl Deref for Case<'_> {
    type Target = ConversationStores;

    fn deref(&self) -> &ConversationStores {
        self.stores
    }
}

impl<'a> Case<'a> {
    pub(super) fn of(stores: &'a ConversationStores) -> Self {
        Self { stores, samples: Samples::default() }
    }

    /// Makes a message of the contact by text message.
    pub(super) fn inbound(&self, text: &str) -> NewInbound {
        self.samples.inbound(&self.binding, text)
    }

    /// Makes a message of one of several contacts.
    pub(super) fn inbound_from(&self, number: usize) -> NewInbound {
        let from = Address::from_carrier(&format!("+1555000000{number}"));
        NewInbound { from, ..self.inbound("Hello") }
    }

    /// Stores a message of the contact.
    pub(super) async fn said(&self, text: &str) -> (ConversationId, MessageId) {
        self.receive(&self.inbound(text)).await
    }

    /// Stores a message that is no duplicate.
    pub(super) async fn receive(&self, inbound: &NewInbound) -> (ConversationId, MessageId) {
        match self.conversations.receive(&self.tenant, inbound).await.unwrap() {
            Received::Stored { conversation_id, message_id } => (conversation_id, message_id),
            Received::Duplicate { .. } => panic!("a new message is called a duplicate"),
        }
    }

    /// Makes a conversation of one of several contacts whose turn is due in so many seconds.
    pub(super) async fn due_in(&self, number: usize, seconds: i64) -> ConversationId {
        let answer_at = self.samples.now() + TimeDelta::seconds(seconds);
        let inbound = NewInbound { answer_at, ..self.inbound_from(number) };
        self.receive(&inbound).await.0
    }

    pub(super) async fn conversation(&self, id: ConversationId) -> Conversation {
        self.conversations.find(&self.tenant, id).await.unwrap().unwrap().conversation
    }

    pub(super) async fn messages(&self, id: ConversationId) -> Vec<Message> {
        self.conversations.list_messages(&self.tenant, id, &PageRequest::default()).await.unwrap().items
    }

    pub(super) async fn message(&self, id: ConversationId, message: MessageId) -> Message {
        self.messages(id).await.into_iter().find(|one| one.id == message).unwrap()
    }

    pub(super) async fn state(&self, id: ConversationId, message: MessageId) -> DeliveryState {
        self.message(id, message).await.delivery_state
    }

    pub(super) async fn context(&self, id: ConversationId) -> TurnContext {
        self.conversations.load_turn(&self.tenant, id, 60).await.unwrap().unwrap()
    }

    /// Claims one job, due or not; `None` when that cannot be.
    pub(super) async fn try_claim(&self, kind: JobKind, id: ConversationId) -> Option<Claim> {
        self.jobs.claim_one(&self.tenant, kind, id, self.samples.now(), LEASE).await.unwrap()
    }

    pub(super) async fn claim(&self, kind: JobKind, id: ConversationId) -> Claim {
        self.try_claim(kind, id).await.unwrap()
    }

    /// Claims what is due now.
    pub(super) async fn claim_due(&self) -> Claims {
        self.jobs.claim(&self.platform, self.samples.now(), LEASE, 100).await.unwrap()
    }

    /// Claims what is due now, and says no more of it.
    pub(super) async fn due(&self) -> Vec<Claim> {
        self.claim_due().await.claims
    }

    pub(super) async fn release(&self, claim: &Claim) {
        self.jobs.release(claim, self.samples.now()).await.unwrap();
    }

    pub(super) async fn finish(&self, claim: &Claim) {
        self.jobs.finish(claim).await.unwrap();
    }

    /// Makes a turn that answers everything unanswered with these texts.
    pub(super) async fn turn(&self, id: ConversationId, texts: &[&str]) -> TurnCommit {
        let context = self.context(id).await;
        let answered = context.unanswered.iter().map(|message| message.id).collect();
        let outbound = texts.iter().map(|text| self.samples.outbound(text)).collect();
        self.samples.commit(&context.conversation, answered, outbound)
    }

    /// Answers everything unanswered with these texts, and returns their messages.
    pub(super) async fn reply(&self, id: ConversationId, texts: &[&str]) -> Vec<MessageId> {
        let claim = self.claim(JobKind::Turn, id).await;
        let commit = self.turn(id, texts).await;
        self.commit(&claim, &commit).await.unwrap();
        commit.outbound.iter().map(|outbound| outbound.id).collect()
    }

    pub(super) async fn commit(&self, claim: &Claim, commit: &TurnCommit) -> Result<(), StoreError> {
        self.conversations.commit_turn(&self.tenant, claim, commit).await
    }

    pub(super) async fn save(&self, change: &ConversationChange) -> Result<(), StoreError> {
        self.conversations.save(&self.tenant, change, self.samples.now()).await
    }

    /// Gives a conversation a status and an owner.
    pub(super) async fn set(&self, id: ConversationId, status: ConversationStatus, owner: Owner) {
        let mut change = change_of(&self.conversation(id).await);
        (change.status, change.owner) = (status, owner);
        self.save(&change).await.unwrap();
    }
}
