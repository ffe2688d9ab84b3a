//! Bringing out what is queued: through the send gate, one attempt at a time, never twice.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use kernel::{Clock, GatewayError, IdGenerator, LedgerEntryId, RefusedSendId, StoreError, Timestamp};

use crate::{
    claim::Claim,
    consent::{ConsentAction, ConsentChange, ConsentSource},
    delivery_ledger::{AttemptEnd, DeliveryLedger, Sendable},
    error::ConversationError,
    job_queue::JobQueue,
    message::DeliveryState,
    messenger::{Messenger, SendOutcome},
    send_gate::{RefusalReason, RefusedSend, SendGate, Verdict},
};

/// Brings out what is queued in a conversation.
pub struct Deliver {
    /// What leaves.
    pub ledger: Arc<dyn DeliveryLedger>,
    /// Where the claim came from.
    pub jobs: Arc<dyn JobQueue>,
    /// Who carries it.
    pub messenger: Arc<dyn Messenger>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// How long after an ambiguous attempt the carrier is asked.
    pub look_up_after: Duration,
}

/// What a delivery brought about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// What the carrier has taken.
    pub taken: Vec<TakenMessage>,
    /// Why messages that waited were not sent.
    pub refused: Vec<RefusalReason>,
}

/// A message that the carrier has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenMessage {
    /// When it was written.
    pub written_at: Timestamp,
    /// When the carrier had taken it.
    pub taken_at: Timestamp,
}

/// What to do after one message.
enum Next {
    GoOn,
    TryAgainAt(Timestamp),
}

impl Deliver {
    /// How often a message that the carrier surely did not take is offered again.
    const MOST_ATTEMPTS: i32 = 8;

    /// Brings out everything that waits in a claimed conversation, oldest first.
    ///
    /// # Errors
    /// When a store fails. The job stays, and its lease will end.
    pub async fn deliver(&self, claim: &Claim) -> Result<Delivered, ConversationError> {
        let mut delivered = Delivered::default();
        self.recover(claim).await?;
        while let Some(sendable) = self.ledger.next_sendable(&claim.scope, claim.conversation_id).await? {
            match self.deliver_one(claim, &sendable, &mut delivered).await {
                Ok(Next::GoOn) => {}
                Ok(Next::TryAgainAt(at)) => {
                    self.jobs.release(claim, at).await?;
                    return Ok(delivered);
                }
                // Something has changed since it was judged: judge again, unless the job is somebody else's.
                Err(ConversationError::Store(StoreError::Conflict)) => {
                    self.jobs.release(claim, self.clock.now()).await?;
                    return Ok(delivered);
                }
                Err(error) => return Err(error),
            }
        }
        self.jobs.finish(claim).await?;
        Ok(delivered)
    }

    /// An attempt that an earlier claim began and did not end may have reached the carrier.
    async fn recover(&self, claim: &Claim) -> Result<(), ConversationError> {
        let now = self.clock.now();
        let open = self.ledger.open_attempts(&claim.scope, claim.conversation_id).await?;
        // Who holds the job is the only one to send, so what is queued and begun was begun by a worker that died.
        for attempt in open.into_iter().filter(|attempt| attempt.state == DeliveryState::Queued) {
            let end = AttemptEnd::Unknown { look_up_at: self.look_up_at(now) };
            self.ledger.end_attempt(&claim.scope, attempt.text.id, &end, now).await?;
        }
        Ok(())
    }

    async fn deliver_one(
        &self,
        claim: &Claim,
        sendable: &Sendable,
        delivered: &mut Delivered,
    ) -> Result<Next, ConversationError> {
        let now = self.clock.now();
        if let Verdict::Refuse(reason) = SendGate::judge(&sendable.standing, sendable.purpose, now) {
            self.refuse(claim, sendable, reason, None).await?;
            delivered.refused.push(reason);
            return Ok(Next::GoOn);
        }
        self.ledger.begin_attempt(claim, sendable.text.id, &sendable.standing.stamp, now).await?;
        let outcome = self.messenger.send(&claim.scope, &sendable.text).await;
        let now = self.clock.now();
        let (end, next) = match outcome {
            Ok(SendOutcome::Accepted { provider_message_id, state }) => {
                (AttemptEnd::Accepted { provider_message_id, state }, Next::GoOn)
            }
            Ok(SendOutcome::OptedOut) => {
                let change = self.carrier_opt_out(now);
                self.refuse(claim, sendable, RefusalReason::OptedOut, Some(&change)).await?;
                delivered.refused.push(RefusalReason::OptedOut);
                return Ok(Next::GoOn);
            }
            Err(GatewayError::Rejected { code, .. }) => (AttemptEnd::Failed { code }, Next::GoOn),
            Err(GatewayError::Ambiguous(_) | GatewayError::TimedOut) => {
                (AttemptEnd::Unknown { look_up_at: self.look_up_at(now) }, Next::GoOn)
            }
            Err(GatewayError::RateLimited { .. } | GatewayError::Unavailable(_))
                if sendable.attempts + 1 >= Self::MOST_ATTEMPTS =>
            {
                (AttemptEnd::Failed { code: "carrier_unreachable".into() }, Next::GoOn)
            }
            Err(GatewayError::RateLimited { retry_after }) => {
                (AttemptEnd::NotTaken, Next::TryAgainAt(now + backoff(sendable.attempts, retry_after)))
            }
            Err(GatewayError::Unavailable(_)) => {
                (AttemptEnd::NotTaken, Next::TryAgainAt(now + backoff(sendable.attempts, None)))
            }
        };
        self.ledger.end_attempt(&claim.scope, sendable.text.id, &end, now).await?;
        if matches!(end, AttemptEnd::Accepted { .. }) {
            delivered.taken.push(TakenMessage { written_at: sendable.written_at, taken_at: now });
        }
        Ok(next)
    }

    async fn refuse(
        &self,
        claim: &Claim,
        sendable: &Sendable,
        reason: RefusalReason,
        change: Option<&ConsentChange>,
    ) -> Result<(), ConversationError> {
        let refused = RefusedSend {
            id: RefusedSendId::new(self.ids.next()),
            message_id: Some(sendable.text.id),
            reason,
            text: sendable.text.text.clone(),
            at: self.clock.now(),
        };
        Ok(self.ledger.refuse(&claim.scope, sendable.text.id, &refused, change).await?)
    }

    fn carrier_opt_out(&self, at: Timestamp) -> ConsentChange {
        ConsentChange {
            entry_id: LedgerEntryId::new(self.ids.next()),
            action: ConsentAction::OptOut,
            source: ConsentSource::Carrier,
            evidence: String::new(),
            message_id: None,
            at,
        }
    }

    fn look_up_at(&self, now: Timestamp) -> Timestamp {
        now + TimeDelta::from_std(self.look_up_after).unwrap_or(TimeDelta::seconds(30))
    }
}

/// Waits as long as the carrier asks, an hour at most, or 1, 2, 4 … 256 seconds.
fn backoff(attempts: i32, asked: Option<Duration>) -> TimeDelta {
    let own = TimeDelta::seconds(1_i64 << attempts.clamp(0, 8));
    let asked = asked.map_or(TimeDelta::zero(), |asked| TimeDelta::from_std(asked).unwrap_or(TimeDelta::MAX));
    own.max(asked).min(TimeDelta::hours(1))
}
