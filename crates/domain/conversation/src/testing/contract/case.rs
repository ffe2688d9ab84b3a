//! The steps that cases share.

use std::{fmt::Debug, ops::Deref, sync::Arc, time::Duration};

use kernel::{ConversationId, MessageId, Page, PageRequest, StoreError};
use tokio::task::JoinSet;

use crate::{
    Claim, Conversation, ConversationStatus, DeliveryState, JobKind, Message, NewInbound, Owner, Received, Sendable,
    TurnCommit, TurnContext,
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
    pub(super) async fn due(&self) -> Vec<Claim> {
        self.jobs.claim(&self.platform, self.samples.now(), LEASE, 100).await.unwrap().claims
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
        self.conversations.commit_turn(&self.tenant, &claim, &commit).await.unwrap();
        commit.outbound.iter().map(|outbound| outbound.id).collect()
    }

    /// Makes a conversation in which a reply waits to leave.
    pub(super) async fn queued(&self, text: &str) -> (ConversationId, MessageId) {
        let (id, _) = self.said("Hello").await;
        (id, self.reply(id, &[text]).await[0])
    }

    pub(super) async fn sendable(&self, id: ConversationId) -> Option<Sendable> {
        self.ledger.next_sendable(&self.tenant, id).await.unwrap()
    }

    /// Begins to send the oldest message that waits. The job is free again afterwards.
    pub(super) async fn begin(&self, id: ConversationId) -> MessageId {
        let (claim, now) = (self.claim(JobKind::Delivery, id).await, self.samples.now());
        let Sendable { text, standing, .. } = self.sendable(id).await.unwrap();
        self.ledger.begin_attempt(&claim, text.id, &standing.stamp, now).await.unwrap();
        self.jobs.release(&claim, now).await.unwrap();
        text.id
    }

    /// Makes a conversation in which sending a reply has begun.
    pub(super) async fn begun(&self, text: &str) -> (ConversationId, MessageId) {
        let (id, _) = self.queued(text).await;
        (id, self.begin(id).await)
    }

    /// Gives a conversation a status and an owner.
    pub(super) async fn set(&self, id: ConversationId, status: ConversationStatus, owner: Owner) {
        let mut change = change_of(&self.conversation(id).await);
        (change.status, change.owner) = (status, owner);
        self.conversations.save(&self.tenant, &change, self.samples.now()).await.unwrap();
    }
}

/// Makes a change that leaves everything as it is.
pub(super) fn change_of(conversation: &Conversation) -> crate::ConversationChange {
    crate::ConversationChange {
        id: conversation.id,
        read_version: conversation.version,
        status: conversation.status,
        owner: conversation.owner,
        outbound: Vec::new(),
    }
}

/// Fails unless the outcome is a conflict.
pub(super) fn assert_conflict<T: Debug>(outcome: &Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
}

/// Walks a list from its first page to its last.
pub(super) async fn walk<T>(
    limit: u16,
    list: impl AsyncFn(PageRequest) -> Result<Page<T>, StoreError>,
) -> Vec<T> {
    let (mut items, mut after) = (Vec::new(), None);
    for _ in 0..100 {
        let page = list(PageRequest::new(limit, after).unwrap()).await.unwrap();
        assert!(page.items.len() <= usize::from(limit));
        items.extend(page.items);
        after = page.next;
        if after.is_none() {
            return items;
        }
    }
    panic!("the list has no last page");
}

/// Does something many times at once.
pub(super) async fn at_once<S, T, F>(times: usize, stores: &Arc<S>, task: impl Fn(Arc<S>, usize) -> F) -> Vec<T>
where
    S: ?Sized,
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for number in 0..times {
        tasks.spawn(task(Arc::clone(stores), number));
    }
    tasks.join_all().await
}
