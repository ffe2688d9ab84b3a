//! Finding out what became of messages that may or may not have left.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use kernel::{Clock, GatewayError};

use crate::{
    claim::Claim,
    delivery_ledger::{AttemptEnd, DeliveryLedger, OpenAttempt},
    error::ConversationError,
    job_queue::JobQueue,
    messenger::{Messenger, SendOutcome},
};

/// Finds out what became of messages in state `unknown`.
///
/// A carrier's report may resolve one at any time. Beside that the carrier is asked: what it has is recorded;
/// what it still does not have after [`Reconcile::LOOK_UPS`] look-ups was never taken, and may leave again.
pub struct Reconcile {
    /// What leaves.
    pub ledger: Arc<dyn DeliveryLedger>,
    /// Where the claim came from.
    pub jobs: Arc<dyn JobQueue>,
    /// Who carries it.
    pub messenger: Arc<dyn Messenger>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How long to wait between two look-ups.
    pub look_up_every: Duration,
}

impl Reconcile {
    /// How many look-ups in a row must find nothing before a message counts as never taken.
    pub const LOOK_UPS: i32 = 3;
    /// How often one message may end unknown before it is given up as failed, for a person to look at.
    pub const MOST_ATTEMPTS: i32 = 3;

    /// Looks up every open attempt of a claimed conversation.
    ///
    /// # Errors
    /// When a store fails. The job stays, and its lease will end.
    pub async fn reconcile(&self, claim: &Claim) -> Result<(), ConversationError> {
        let mut all_resolved = true;
        for attempt in self.ledger.open_attempts(&claim.scope, claim.conversation_id).await? {
            all_resolved &= self.resolve(claim, &attempt).await?;
        }
        if all_resolved {
            return Ok(self.jobs.finish(claim).await?);
        }
        let wait = TimeDelta::from_std(self.look_up_every).unwrap_or(TimeDelta::seconds(30));
        Ok(self.jobs.release(claim, self.clock.now() + wait).await?)
    }

    /// Looks one attempt up; `true` when it is known now what became of it.
    async fn resolve(&self, claim: &Claim, attempt: &OpenAttempt) -> Result<bool, ConversationError> {
        let found =
            self.messenger.look_up(&claim.scope, &attempt.text, attempt.attempted_at, &attempt.known).await;
        let end = match found {
            Ok(Some(SendOutcome::Accepted { provider_message_id, state })) => {
                AttemptEnd::Accepted { provider_message_id, state }
            }
            Ok(None) if attempt.look_ups + 1 < Self::LOOK_UPS => {
                self.ledger.count_look_up(&claim.scope, attempt.text.id).await?;
                return Ok(false);
            }
            Ok(None) if attempt.attempts >= Self::MOST_ATTEMPTS => AttemptEnd::Failed { code: "never_accepted".into() },
            // An opt-out at the carrier is recorded where the next attempt meets it.
            Ok(Some(SendOutcome::OptedOut) | None) => AttemptEnd::NotTaken,
            Err(GatewayError::Rejected { code, .. }) => AttemptEnd::Failed { code },
            Err(
                GatewayError::RateLimited { .. }
                | GatewayError::TimedOut
                | GatewayError::Ambiguous(_)
                | GatewayError::Unavailable(_),
            ) => return Ok(false),
        };
        self.ledger.end_attempt(&claim.scope, attempt.text.id, &end, self.clock.now()).await?;
        Ok(true)
    }
}
