//! The port to the one ledger of what leaves.

use async_trait::async_trait;
use kernel::{ConversationId, MessageId, StoreError, Timestamp};
use tenancy::{Provider, TenantScope};

use crate::{
    claim::Claim,
    consent::ConsentChange,
    message::DeliveryState,
    messenger::OutboundText,
    send_gate::{RefusedSend, Verdict},
};

/// A message that is next to leave, and what the send gate said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// What is to be carried out.
    pub text: OutboundText,
    /// With [`Verdict::Allow`] an attempt was begun; otherwise the message waits as before.
    pub verdict: Verdict,
    /// How many attempts were made before.
    pub attempts: i32,
    /// When it was written.
    pub written_at: Timestamp,
}

impl Outgoing {
    /// Returns the attempt that was begun with [`Verdict::Allow`]; otherwise the last one before.
    pub fn attempt(&self) -> Attempt {
        let is_begun = self.verdict == Verdict::Allow;
        Attempt { message: self.text.id, number: self.attempts + i32::from(is_begun) }
    }
}

/// One attempt to send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The message.
    pub message: MessageId,
    /// Which of its attempts, counted from one; zero before the first.
    pub number: i32,
}

/// How a claimed delivery job stands once an attempt has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryJob {
    /// Another message waits, and the claim still holds the job.
    GoesOn,
    /// Nothing waits: the claim has ended.
    Done,
    /// The message is to be tried again: the claim has ended, and the job is due when that was asked for.
    GivenBack,
    /// Another claim holds the job, or it has ended.
    Lost,
}

/// An attempt that was begun and whose end is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAttempt {
    /// What was to be carried out.
    pub text: OutboundText,
    /// [`DeliveryState::Queued`] while its worker may still be at it, [`DeliveryState::Unknown`] once it was found
    /// to have broken off.
    pub state: DeliveryState,
    /// When the attempt was begun.
    pub attempted_at: Timestamp,
    /// By which account at the carrier, as its id; `None` where there was none, or that was not kept yet.
    pub account_sid: Option<String>,
    /// How many look-ups at the carrier have not found this attempt; a new attempt begins at none.
    pub look_ups: i32,
    /// How many attempts were made, this one included.
    pub attempts: i32,
    /// Carrier ids of other messages of the conversation: an equal text under one of them is not this message.
    pub known: Vec<String>,
}

impl OpenAttempt {
    /// Returns which attempt it is.
    pub fn attempt(&self) -> Attempt {
        Attempt { message: self.text.id, number: self.attempts }
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptEnd {
    /// The carrier has taken it.
    Accepted {
        /// The carrier's id of the message.
        provider_message_id: String,
        /// How far it has come already.
        state: DeliveryState,
    },
    /// The carrier has surely not taken it: it waits to leave again, and a delivery job is due at this time.
    NotTaken {
        /// When to try again.
        again_at: Timestamp,
    },
    /// It may have been taken. It becomes `unknown`, and a reconciliation job is due at this time.
    Unknown {
        /// When to look it up.
        look_up_at: Timestamp,
    },
    /// It will never be taken.
    Failed {
        /// The carrier's code.
        code: String,
    },
}

/// What a carrier reports about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryReport {
    /// Our id, where the report brings it back.
    pub message_id: Option<MessageId>,
    /// Who reports.
    pub provider: Provider,
    /// The carrier's id.
    pub provider_message_id: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// The carrier's code, where it failed.
    pub error_code: Option<String>,
}

/// Keeps what leaves: one row a message, one attempt at a time.
#[async_trait]
pub trait DeliveryLedger: Send + Sync {
    /// Judges the oldest message of a claimed conversation that waits to leave, by [`SendGate::judge`], and where it
    /// may leave begins an attempt, before the carrier is called: from then on the message does not wait any more.
    /// All of it MUST be one transaction that holds the conversation against whoever else writes in it, so that
    /// what was committed before, such as an opt-out, counts.
    ///
    /// `account_sid` is the carrier's account by which the attempt will be made, and is kept with it.
    ///
    /// Whoever holds the claim is the only one to send, so what was begun before and has not ended was begun by a
    /// worker that died: it becomes `unknown`, and a reconciliation job is due at `look_up_at`.
    ///
    /// Returns `None` where nothing waits. Then the claim has ended, as [`JobQueue::finish`] ends it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the claim is not of a delivery or its fence is not the job's any more. Then
    /// nothing is written and nothing may be sent.
    ///
    /// [`SendGate::judge`]: crate::SendGate::judge
    /// [`JobQueue::finish`]: crate::JobQueue::finish
    async fn begin_next(
        &self,
        claim: &Claim,
        account_sid: Option<&str>,
        at: Timestamp,
        look_up_at: Timestamp,
    ) -> Result<Option<Outgoing>, StoreError>;

    /// Records how an attempt of the claim ended, as [`end_attempt`](Self::end_attempt) does, and MUST in the same
    /// transaction end the claim unless another message waits. If the job was asked for again meanwhile, it stays
    /// and is due when that asked for. Where the message waits again, as after [`AttemptEnd::NotTaken`], the job is given
    /// back as [`JobQueue::release`] gives it back. Where another claim holds the job, the attempt's end is recorded all
    /// the same.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the claimed conversation has no such message. Then nothing is written.
    ///
    /// [`JobQueue::release`]: crate::JobQueue::release
    async fn end_send(
        &self,
        claim: &Claim,
        attempt: Attempt,
        end: &AttemptEnd,
        at: Timestamp,
    ) -> Result<DeliveryJob, StoreError>;

    /// Records how an attempt ended whose claim is over. The delivery state never falls, whatever came before, and a
    /// message that the carrier has reported on does not wait again.
    ///
    /// Once the attempt has ended, [`AttemptEnd::Accepted`] alone is recorded: anything else comes too late, and says
    /// nothing of an attempt that has followed, in which the message may be on its way.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the tenant has no such message. Then nothing is written.
    async fn end_attempt(
        &self,
        scope: &TenantScope,
        attempt: Attempt,
        end: &AttemptEnd,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Records that a message may not leave, which waits after the attempt or was refused by the carrier in it, and the
    /// change of consent that was learnt by it. It MUST be told as [`send_refused`](crate::send_refused) in the same
    /// transaction. Of a message that has left meanwhile, or of which another attempt has begun, nothing is recorded
    /// or told but the change of consent.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the tenant has no such message. Then nothing is written.
    async fn refuse(
        &self,
        scope: &TenantScope,
        attempt: Attempt,
        refused: &RefusedSend,
        consent: Option<&ConsentChange>,
    ) -> Result<(), StoreError>;

    /// Returns a conversation's attempts whose end is not known, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    async fn open_attempts(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
    ) -> Result<Vec<OpenAttempt>, StoreError>;

    /// Counts a look-up that found nothing, unless another attempt has followed.
    ///
    /// # Errors
    /// When the store fails.
    async fn count_look_up(&self, scope: &TenantScope, attempt: Attempt) -> Result<(), StoreError>;

    /// Records a carrier's report; `false` when no message of the tenant is meant, which is the one with the carrier's id,
    /// or else the one with our id if it has no carrier's id yet. The delivery state never falls; a message in state `unknown` gets its carrier id. What the carrier has waits no more.
    ///
    /// # Errors
    /// When the store fails.
    async fn report(
        &self,
        scope: &TenantScope,
        report: &DeliveryReport,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
}
