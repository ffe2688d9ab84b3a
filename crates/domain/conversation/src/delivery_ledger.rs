//! The port to the one ledger of what leaves.

use async_trait::async_trait;
use kernel::{ConversationId, MessageId, StoreError, Timestamp};
use tenancy::{Provider, TenantScope};

use crate::{
    claim::Claim,
    consent::ConsentChange,
    message::{DeliveryState, Purpose},
    messenger::OutboundText,
    send_gate::{RefusedSend, Stamp, Standing},
};

/// A message that waits to leave, with what the send gate judges by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sendable {
    /// What is to be carried out.
    pub text: OutboundText,
    /// Why it was written.
    pub purpose: Purpose,
    /// What stands now.
    pub standing: Standing,
    /// How many attempts were made before.
    pub attempts: i32,
    /// When it was written.
    pub written_at: Timestamp,
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
    /// How many look-ups at the carrier have not found this attempt; a new attempt begins at none.
    pub look_ups: i32,
    /// How many attempts were made, this one included.
    pub attempts: i32,
    /// Carrier ids of other messages of the conversation: an equal text under one of them is not this message.
    pub known: Vec<String>,
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
    /// The carrier has surely not taken it: it waits to leave again, and a delivery job is due at once.
    NotTaken,
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
    /// Returns the oldest message of a conversation that waits to leave.
    ///
    /// # Errors
    /// When the store fails.
    async fn next_sendable(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
    ) -> Result<Option<Sendable>, StoreError>;

    /// Begins an attempt, before the carrier is called: from here on the message does not wait any more.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a version in `stamp` has changed, the claim's fence is not the job's any
    /// more, or the message does not wait. Then nothing is written and nothing may be sent.
    async fn begin_attempt(
        &self,
        claim: &Claim,
        message: MessageId,
        stamp: &Stamp,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Records how an attempt ended. The delivery state never falls, whatever came before, and a message that
    /// the carrier has reported on does not wait again.
    ///
    /// # Errors
    /// When the store fails.
    async fn end_attempt(
        &self,
        scope: &TenantScope,
        message: MessageId,
        end: &AttemptEnd,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Records that a waiting message may not leave, and the change of consent that was learnt by it. It MUST be told as
    /// [`send_refused`](crate::send_refused) in the same transaction. Of a message that has left meanwhile nothing is
    /// recorded or told.
    ///
    /// # Errors
    /// When the store fails.
    async fn refuse(
        &self,
        scope: &TenantScope,
        message: MessageId,
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

    /// Counts a look-up that found nothing.
    ///
    /// # Errors
    /// When the store fails.
    async fn count_look_up(&self, scope: &TenantScope, message: MessageId) -> Result<(), StoreError>;

    /// Records a carrier's report; `false` when no message of the tenant is meant. The delivery state never
    /// falls; a message in state `unknown` gets its carrier id. What the carrier has waits no more.
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
