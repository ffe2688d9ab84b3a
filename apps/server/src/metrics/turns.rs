//! Times the stages of an answer, and counts what leaves and what does not.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use conversation::{Claim, CommittedTurn, Delivered, DeliveryJob, RefusalReason, TurnOutcome, TurnResult};
use kernel::{ConversationId, StoreError, TenantId, Timestamp};
use tenancy::TenantScope;

use super::{
    Metrics,
    catalogue::{SENDS_REFUSED, STORE_ERRORS, TENANT_MESSAGES, TENANT_TURNS, TURN_STAGE, TURNS},
};

/// So many answers that have not left are remembered; beyond that they are forgotten, and not timed as a whole.
const MOST_REMEMBERED: usize = 10_000;

/// When those were asked whose answers have not left yet. The conversation's next delivery is the answer's.
#[derive(Default)]
pub(super) struct AskedAt(Mutex<HashMap<(TenantId, ConversationId), Timestamp>>);

impl AskedAt {
    fn remember(&self, claim: &Claim, asked_at: Timestamp) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST_REMEMBERED {
            open.clear();
        }
        open.entry(key(claim)).or_insert(asked_at);
    }

    fn forget(&self, claim: &Claim) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(claim))
    }
}

fn key(claim: &Claim) -> (TenantId, ConversationId) {
    (claim.scope.tenant_id(), claim.conversation_id)
}

/// Where a failure of the database was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// By a request.
    Http,
    /// By a job.
    Worker,
}

impl Metrics {
    /// Takes in how a claimed turn ended.
    pub fn turn_ended(&self, claim: &Claim, result: &TurnResult) {
        match result {
            TurnResult::Committed(turn) => {
                self.turn_committed(&claim.scope, turn);
                if turn.outcome == TurnOutcome::Replied {
                    self.asked_at.remember(claim, turn.asked_at);
                }
            }
            TurnResult::NothingToAnswer => self.count(&TURNS, &["nothing_to_answer"]),
            TurnResult::Postponed => self.count(&TURNS, &["postponed"]),
            TurnResult::LostClaim => self.count(&TURNS, &["lost_claim"]),
        }
    }

    /// Takes in a turn that was taken inside the request that it answers.
    pub fn chat_answered(&self, scope: &TenantScope, turn: &CommittedTurn, has_reply: bool) {
        self.turn_committed(scope, turn);
        self.time_between(&TURN_STAGE, &["whole"], turn.committed_at - turn.asked_at);
        if has_reply {
            self.brought_out(scope, 1);
        }
    }

    /// Takes in what a delivery brought about.
    pub fn delivery_ended(&self, claim: &Claim, delivered: &Delivered) {
        for taken in &delivered.taken {
            self.time_between(&TURN_STAGE, &["delivered"], taken.taken_at - taken.written_at);
        }
        // What is to be tried again is still on its way.
        let has_ended = !(delivered.taken.is_empty() && delivered.refused.is_empty());
        let asked_at = has_ended.then(|| self.asked_at.forget(claim)).flatten();
        if let (Some(asked_at), Some(last)) = (asked_at, delivered.taken.last()) {
            self.time_between(&TURN_STAGE, &["whole"], last.taken_at - asked_at);
        }
        for reason in &delivered.refused {
            self.send_refused(*reason);
        }
        self.brought_out(&claim.scope, delivered.taken.len());
        match delivered.job {
            DeliveryJob::Done => self.job_finished(claim.kind),
            DeliveryJob::GivenBack => self.job_given_back(claim.kind),
            DeliveryJob::GoesOn | DeliveryJob::Lost => {}
        }
    }

    /// Counts a message that was taken in.
    pub fn message_taken_in(&self, scope: &TenantScope) {
        self.count(&TENANT_MESSAGES, &[&self.tenants.of(scope.tenant_id()), "inbound"]);
    }

    /// Counts a failure of the database.
    pub fn store_failed(&self, place: Place, error: &StoreError) {
        let place = match place {
            Place::Http => "http",
            Place::Worker => "worker",
        };
        let kind = match error {
            StoreError::Conflict => "conflict",
            StoreError::Duplicate => "duplicate",
            StoreError::Corrupt(_) => "corrupt",
            StoreError::Unavailable(_) => "unavailable",
        };
        self.count(&STORE_ERRORS, &[place, kind]);
    }

    fn turn_committed(&self, scope: &TenantScope, turn: &CommittedTurn) {
        for (stage, taken) in [
            ("queued", turn.claimed_at - turn.asked_at),
            ("generated", turn.generated_at - turn.claimed_at),
            ("committed", turn.committed_at - turn.generated_at),
        ] {
            self.time_between(&TURN_STAGE, &[stage], taken);
        }
        self.count(&TURNS, &[turn.outcome.as_str()]);
        self.count(&TENANT_TURNS, &[&self.tenants.of(scope.tenant_id())]);
        if let Some(reason) = turn.refused {
            self.send_refused(reason);
        }
    }

    fn brought_out(&self, scope: &TenantScope, messages: usize) {
        let messages = u64::try_from(messages).unwrap_or(u64::MAX);
        if messages > 0 {
            let tenant = self.tenants.of(scope.tenant_id());
            self.count_by(&TENANT_MESSAGES, &[&tenant, "outbound"], messages);
        }
    }

    fn send_refused(&self, reason: RefusalReason) {
        self.count(&SENDS_REFUSED, &[reason.as_str()]);
    }
}
