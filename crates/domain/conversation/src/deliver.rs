//! Bringing out what is queued: through the send gate, one attempt at a time, never twice.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use kernel::{Clock, GatewayError, IdGenerator, LedgerEntryId, RefusedSendId, StoreError, Timestamp};

use crate::{
    claim::Claim,
    consent::{ConsentAction, ConsentChange, ConsentSource},
    delivery_ledger::{AttemptEnd, DeliveryJob, DeliveryLedger, Outgoing},
    error::ConversationError,
    messenger::{Messenger, SendOutcome},
    send_gate::{RefusalReason, RefusedSend, Verdict},
};

/// Brings out what is queued in a conversation.
pub struct Deliver {
    /// What leaves.
    pub ledger: Arc<dyn DeliveryLedger>,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// What the carrier has taken.
    pub taken: Vec<TakenMessage>,
    /// Why messages that waited were not sent.
    pub refused: Vec<RefusalReason>,
    /// How the claimed job stands.
    pub job: DeliveryJob,
}

/// A message that the carrier has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenMessage {
    /// When it was written.
    pub written_at: Timestamp,
    /// When the carrier had taken it.
    pub taken_at: Timestamp,
}

impl Deliver {
    /// How often a message that the carrier surely did not take is offered again.
    const MOST_ATTEMPTS: i32 = 8;

    /// Brings out everything that waits in a claimed conversation, oldest first.
    ///
    /// # Errors
    /// When a store fails. The job stays, and its lease will end.
    pub async fn deliver(&self, claim: &Claim) -> Result<Delivered, ConversationError> {
        let mut delivered = Delivered { taken: Vec::new(), refused: Vec::new(), job: DeliveryJob::GoesOn };
        while delivered.job == DeliveryJob::GoesOn {
            delivered.job = self.deliver_next(claim, &mut delivered).await?;
        }
        Ok(delivered)
    }

    async fn deliver_next(
        &self,
        claim: &Claim,
        delivered: &mut Delivered,
    ) -> Result<DeliveryJob, ConversationError> {
        let account = self.messenger.account(&claim.scope).await;
        let account_sid = account.as_ref().ok().map(|account| account.account_sid.as_str());
        let now = self.clock.now();
        let outgoing = match self.ledger.begin_next(claim, account_sid, now, self.look_up_at(now)).await {
            Ok(Some(outgoing)) => outgoing,
            Ok(None) => return Ok(DeliveryJob::Done),
            Err(StoreError::Conflict) => return Ok(DeliveryJob::Lost),
            Err(error) => return Err(error.into()),
        };
        if let Verdict::Refuse(reason) = outgoing.verdict {
            self.refuse(claim, &outgoing, reason, None).await?;
            delivered.refused.push(reason);
            return Ok(DeliveryJob::GoesOn);
        }
        let outcome = match account {
            Ok(account) => self.messenger.send(&claim.scope, &account, &outgoing.text).await,
            Err(error) => Err(error),
        };
        let now = self.clock.now();
        let end = match outcome {
            Ok(SendOutcome::Accepted { provider_message_id, state }) => {
                AttemptEnd::Accepted { provider_message_id, state }
            }
            Ok(SendOutcome::OptedOut) => {
                let change = self.carrier_opt_out(now);
                self.refuse(claim, &outgoing, RefusalReason::OptedOut, Some(&change)).await?;
                delivered.refused.push(RefusalReason::OptedOut);
                return Ok(DeliveryJob::GoesOn);
            }
            Err(GatewayError::Rejected { code, .. }) => AttemptEnd::Failed { code },
            Err(GatewayError::Ambiguous(_) | GatewayError::TimedOut) => {
                AttemptEnd::Unknown { look_up_at: self.look_up_at(now) }
            }
            Err(GatewayError::RateLimited { .. } | GatewayError::Unavailable(_))
                if outgoing.attempts + 1 >= Self::MOST_ATTEMPTS =>
            {
                AttemptEnd::Failed { code: "carrier_unreachable".into() }
            }
            Err(GatewayError::RateLimited { retry_after }) => {
                AttemptEnd::NotTaken { again_at: now + backoff(outgoing.attempts, retry_after) }
            }
            Err(GatewayError::Unavailable(_)) => {
                AttemptEnd::NotTaken { again_at: now + backoff(outgoing.attempts, None) }
            }
        };
        let job = self.ledger.end_send(claim, outgoing.attempt(), &end, now).await?;
        if matches!(end, AttemptEnd::Accepted { .. }) {
            delivered.taken.push(TakenMessage { written_at: outgoing.written_at, taken_at: now });
        }
        Ok(job)
    }

    async fn refuse(
        &self,
        claim: &Claim,
        outgoing: &Outgoing,
        reason: RefusalReason,
        change: Option<&ConsentChange>,
    ) -> Result<(), ConversationError> {
        let refused = RefusedSend {
            id: RefusedSendId::new(self.ids.next()),
            message_id: Some(outgoing.text.id),
            reason,
            text: outgoing.text.text.clone(),
            at: self.clock.now(),
        };
        Ok(self.ledger.refuse(&claim.scope, outgoing.attempt(), &refused, change).await?)
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

/// Waits as long as the carrier asks, an hour at most, or 1, 2, 4 … 64 seconds: the attempt after that is the last.
fn backoff(attempts: i32, asked: Option<Duration>) -> TimeDelta {
    let own = TimeDelta::seconds(1_i64 << attempts.clamp(0, 8));
    let asked = asked.map_or(TimeDelta::zero(), |asked| TimeDelta::from_std(asked).unwrap_or(TimeDelta::MAX));
    own.max(asked).min(TimeDelta::hours(1))
}
