//! The steps that cases share: what is sent and reported.

use chrono::TimeDelta;
use kernel::{ConversationId, MessageId, PageRequest, StoreError};

use super::{case::Case, checks::change_of};
use crate::{
    Attempt, AttemptEnd, Claim, ConversationChange, DeliveryJob, DeliveryReport, DeliveryState, JobKind,
    OpenAttempt, Outgoing, RefusalReason, RefusedSend, Verdict,
};

/// By which account at the carrier attempts are made.
pub(super) const ACCOUNT: &str = "AC1";

/// A message before its first attempt.
pub(super) fn unattempted(message: MessageId) -> Attempt {
    Attempt { message, number: 0 }
}

/// A message's first attempt.
pub(super) fn first(message: MessageId) -> Attempt {
    Attempt { message, number: 1 }
}

impl Case<'_> {
    /// Makes a conversation in which a reply waits to leave.
    pub(super) async fn queued(&self, text: &str) -> (ConversationId, MessageId) {
        let (id, _) = self.said("Hello").await;
        (id, self.reply(id, &[text]).await[0])
    }

    /// Makes a conversation of another contact in which a reply waits to leave.
    pub(super) async fn neighbour(&self) -> ConversationId {
        let (id, _) = self.receive(&self.inbound_from(9)).await;
        self.reply(id, &["Hi"]).await;
        id
    }

    /// Asks for one more delivery, of what is not to leave after all.
    pub(super) async fn say_and_refuse(&self, id: ConversationId) {
        let outbound = vec![self.samples.outbound("Never mind")];
        let message = outbound[0].id;
        let change = ConversationChange { outbound, ..change_of(&self.conversation(id).await) };
        self.save(&change).await.unwrap();
        let refused = self.samples.refused(Some(message), RefusalReason::PersonTookOver);
        self.ledger.refuse(&self.tenant, unattempted(message), &refused, None).await.unwrap();
    }

    pub(super) async fn begin_next(&self, claim: &Claim) -> Result<Option<Outgoing>, StoreError> {
        let now = self.samples.now();
        self.ledger.begin_next(claim, Some(ACCOUNT), now, now + TimeDelta::seconds(30)).await
    }

    /// Lets the oldest message that waits be judged, and begins to send it if it may leave; `None` where no job is to be
    /// done or nothing waits. The job is free again afterwards.
    pub(super) async fn next(&self, id: ConversationId) -> Option<Outgoing> {
        let claim = self.try_claim(JobKind::Delivery, id).await?;
        let next = self.begin_next(&claim).await.unwrap()?;
        self.release(&claim).await;
        Some(next)
    }

    /// Begins to send the oldest message that waits. The job is free again afterwards.
    pub(super) async fn begin(&self, id: ConversationId) -> MessageId {
        let next = self.next(id).await.unwrap();
        assert_eq!(next.verdict, Verdict::Allow);
        next.text.id
    }

    /// Makes a conversation in which sending a reply has begun.
    pub(super) async fn begun(&self, text: &str) -> (ConversationId, MessageId) {
        let (id, _) = self.queued(text).await;
        (id, self.begin(id).await)
    }

    /// Ends a message's first attempt.
    pub(super) async fn end(&self, message: MessageId, end: AttemptEnd) {
        self.end_nth(first(message), end).await;
    }

    pub(super) async fn end_nth(&self, attempt: Attempt, end: AttemptEnd) {
        self.ledger.end_attempt(&self.tenant, attempt, &end, self.samples.now()).await.unwrap();
    }

    /// Ends a message's first attempt under its claim.
    pub(super) async fn end_send(&self, claim: &Claim, message: MessageId, end: &AttemptEnd) -> DeliveryJob {
        self.end_nth_send(claim, first(message), end).await
    }

    pub(super) async fn end_nth_send(
        &self,
        claim: &Claim,
        attempt: Attempt,
        end: &AttemptEnd,
    ) -> DeliveryJob {
        self.ledger.end_send(claim, attempt, end, self.samples.now()).await.unwrap()
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
