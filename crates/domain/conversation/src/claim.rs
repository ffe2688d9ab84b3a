//! A job in the hands of one worker.

use chrono::TimeDelta;
use kernel::{ConversationId, Timestamp};
use tenancy::TenantScope;

use crate::message::stored_names;

/// What is to be done for a conversation. There is at most one job of a kind for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Answer what was said.
    Turn,
    /// Bring out what is queued.
    Delivery,
    /// Find out what became of messages in state `unknown`.
    Reconciliation,
    /// Let other domains hear of what has happened.
    Reaction,
}

stored_names!(JobKind: Turn = "turn", Delivery = "delivery", Reconciliation = "reconciliation", Reaction = "reaction");

/// A job in the hands of one worker, until its lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The tenant whose job it is.
    pub scope: TenantScope,
    /// What is to be done.
    pub kind: JobKind,
    /// For which conversation.
    pub conversation_id: ConversationId,
    /// Rises with every claim of the job: a write with an older one is refused, so that a worker that has
    /// lost its lease without noticing changes nothing.
    pub fence: i64,
    /// How often the job was asked for when it was claimed; if more by the end, it stays.
    pub wanted: i64,
    /// How many claims before this one ended without success.
    pub attempts: i32,
}

impl Claim {
    /// Returns when a job is to be tried again whose store failed: in 1, 2, 4, 8 and then 16 seconds, after so many attempts
    /// before, so that nobody waits for long once the store works again.
    pub fn retry_at(&self, now: Timestamp) -> Timestamp {
        now + TimeDelta::seconds(1_i64 << self.attempts.clamp(0, 4))
    }
}

/// What a worker got.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// The jobs.
    pub claims: Vec<Claim>,
    /// When the next job that nobody holds is due, as far as known; `None` beside jobs, since more may be due.
    pub next_due: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use kernel::{Clock as _, testing::ManualClock};
    use uuid::Uuid;

    use super::*;

    fn wait_after(attempts: i32) -> i64 {
        let scope = tenancy::testing::scope(kernel::TenantId::new(Uuid::nil()));
        let conversation_id = ConversationId::new(Uuid::nil());
        let claim = Claim { scope, kind: JobKind::Turn, conversation_id, fence: 1, wanted: 1, attempts };
        let now = ManualClock::default().now();
        (claim.retry_at(now) - now).num_seconds()
    }

    #[test]
    fn whoever_wrote_while_the_store_failed_does_not_wait_long_for_the_next_attempt() {
        let waits = [-1, 0, 1, 2, 3, 4, 5, 8, 9, i32::MAX].map(wait_after);
        assert_eq!(waits, [1, 1, 2, 4, 8, 16, 16, 16, 16, 16]);
    }
}
