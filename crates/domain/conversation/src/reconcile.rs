//! Finding out what became of messages that may or may not have left.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use kernel::{Clock, GatewayError};

use crate::{
    claim::Claim,
    delivery_ledger::{AttemptEnd, DeliveryLedger, OpenAttempt},
    error::ConversationError,
    job_queue::JobQueue,
    message::DeliveryState,
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
    /// How long to wait after the first look-up; doubled after each, to 64 times that.
    pub look_up_every: Duration,
}

impl Reconcile {
    /// How many look-ups in a row must find nothing before a message counts as never taken.
    pub const LOOK_UPS: i32 = 3;
    /// How often the carrier is asked at most, answering or not.
    pub const MOST_ROUNDS: i32 = 40;
    /// How often one message may end unknown before it is given up as failed, for a person to look at.
    pub const MOST_ATTEMPTS: i32 = 3;

    /// Looks up every open attempt of a claimed conversation.
    ///
    /// # Errors
    /// When a store fails. The job stays, and its lease will end.
    pub async fn reconcile(&self, claim: &Claim) -> Result<(), ConversationError> {
        let open = self.ledger.open_attempts(&claim.scope, claim.conversation_id).await?;
        // One that is still queued is in the hands of a worker who may be sending it this moment.
        let (unknown, leaving): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|attempt| attempt.state == DeliveryState::Unknown);
        let mut all_resolved = true;
        // Carrier ids that were found here, and so are other messages'.
        let mut found = Vec::new();
        for mut attempt in unknown {
            if leaving.iter().any(|other| other.text.text == attempt.text.text) {
                // What the carrier has with these words may be the other.
                all_resolved = false;
                continue;
            }
            attempt.known.extend_from_slice(&found);
            match self.resolve(claim, &attempt).await? {
                Some(AttemptEnd::Accepted { provider_message_id, .. }) => found.push(provider_message_id),
                Some(_) => {}
                None => all_resolved = false,
            }
        }
        // A carrier that has not said anything for so long is asked no more: the message stays `unknown`, which is
        // the truth, and a report may still resolve it.
        if all_resolved || claim.attempts >= Self::MOST_ROUNDS {
            return Ok(self.jobs.finish(claim).await?);
        }
        let longer = 2_u32.saturating_pow(claim.attempts.unsigned_abs().min(6));
        let wait = TimeDelta::from_std(self.look_up_every * longer).unwrap_or(TimeDelta::minutes(15));
        Ok(self.jobs.release(claim, self.clock.now() + wait).await?)
    }

    /// Looks one attempt up, and records how it ended; `None` while that is not known.
    async fn resolve(
        &self,
        claim: &Claim,
        attempt: &OpenAttempt,
    ) -> Result<Option<AttemptEnd>, ConversationError> {
        let end = match self.messenger.look_up(&claim.scope, attempt).await {
            Ok(Some(SendOutcome::Accepted { provider_message_id, state })) => {
                AttemptEnd::Accepted { provider_message_id, state }
            }
            Ok(None) if attempt.look_ups + 1 < Self::LOOK_UPS => {
                self.ledger.count_look_up(&claim.scope, attempt.attempt()).await?;
                return Ok(None);
            }
            Ok(None) if attempt.attempts >= Self::MOST_ATTEMPTS => {
                AttemptEnd::Failed { code: "never_accepted".into() }
            }
            // An opt-out at the carrier is recorded where the next attempt meets it.
            Ok(Some(SendOutcome::OptedOut) | None) => AttemptEnd::NotTaken { again_at: self.clock.now() },
            // Whatever is wrong with the question says nothing of the message: a carrier that does not let us in today may have
            // taken it yesterday.
            Err(
                GatewayError::Rejected { .. }
                | GatewayError::RateLimited { .. }
                | GatewayError::TimedOut
                | GatewayError::Ambiguous(_)
                | GatewayError::Unavailable(_),
            ) => return Ok(None),
        };
        self.ledger.end_attempt(&claim.scope, attempt.attempt(), &end, self.clock.now()).await?;
        Ok(Some(end))
    }
}
