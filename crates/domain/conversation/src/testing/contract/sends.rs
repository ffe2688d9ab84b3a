//! The steps that cases share: what is sent and reported.

use kernel::{ConversationId, MessageId, PageRequest, StoreError};

use super::case::Case;
use crate::{
    AttemptEnd, Claim, DeliveryReport, DeliveryState, JobKind, OpenAttempt, RefusedSend, Sendable, Stamp,
};

impl Case<'_> {
    /// Makes a conversation in which a reply waits to leave.
    pub(super) async fn queued(&self, text: &str) -> (ConversationId, MessageId) {
        let (id, _) = self.said("Hello").await;
        (id, self.reply(id, &[text]).await[0])
    }

    pub(super) async fn sendable(&self, id: ConversationId) -> Option<Sendable> {
        self.ledger.next_sendable(&self.tenant, id).await.unwrap()
    }

    /// Returns the versions from which the gate would judge the oldest message that waits.
    pub(super) async fn stamp(&self, id: ConversationId) -> Stamp {
        self.sendable(id).await.unwrap().standing.stamp
    }

    /// Begins to send the oldest message that waits. The job is free again afterwards.
    pub(super) async fn begin(&self, id: ConversationId) -> MessageId {
        let claim = self.claim(JobKind::Delivery, id).await;
        let Sendable { text, standing, .. } = self.sendable(id).await.unwrap();
        self.try_begin(&claim, text.id, &standing.stamp).await.unwrap();
        self.release(&claim).await;
        text.id
    }

    /// Makes a conversation in which sending a reply has begun.
    pub(super) async fn begun(&self, text: &str) -> (ConversationId, MessageId) {
        let (id, _) = self.queued(text).await;
        (id, self.begin(id).await)
    }

    pub(super) async fn try_begin(
        &self,
        claim: &Claim,
        message: MessageId,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        self.ledger.begin_attempt(claim, message, stamp, self.samples.now()).await
    }

    pub(super) async fn end(&self, message: MessageId, end: AttemptEnd) {
        self.ledger.end_attempt(&self.tenant, message, &end, self.samples.now()).await.unwrap();
    }

    pub(super) async fn accept(&self, message: MessageId, provider_message_id: &str) {
        let provider_message_id = provider_message_id.into();
        let end = AttemptEnd::Accepted { provider_message_id, state: DeliveryState::Sent };
        self.end(message, end).await;
    }

    /// Makes a conversation with a reply that the carrier has taken as `SM1`.
    pub(super) async fn accepted(&self) -> (ConversationId, MessageId) {
        let (id, message) = self.begun("Hi").await;
        self.accept(message, "SM1").await;
        (id, message)
    }

    /// Ends an attempt without knowing how.
    pub(super) async fn lose(&self, message: MessageId) {
        let end = AttemptEnd::Unknown { look_up_at: self.samples.now() };
        self.end(message, end).await;
    }

    pub(super) async fn open_attempts(&self, id: ConversationId) -> Vec<OpenAttempt> {
        self.ledger.open_attempts(&self.tenant, id).await.unwrap()
    }

    pub(super) async fn report(&self, report: &DeliveryReport) -> bool {
        self.ledger.report(&self.tenant, report, self.samples.now()).await.unwrap()
    }

    pub(super) async fn refused(&self, id: ConversationId) -> Vec<RefusedSend> {
        let page = PageRequest::default();
        self.conversations.list_refused_sends(&self.tenant, id, &page).await.unwrap().items
    }
}
