//! A job in the hands of one worker.

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

/// What a worker got.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// The jobs.
    pub claims: Vec<Claim>,
    /// When the next job that nobody holds is due, as far as known; `None` beside jobs, since more may be due.
    pub next_due: Option<Timestamp>,
}
