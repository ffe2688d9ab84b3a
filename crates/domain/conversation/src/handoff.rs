//! A conversation that the receptionist gives to a person.

use kernel::{HandoffId, Timestamp};

use crate::message::{shows_only, stored_names};

/// Why a person is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandoffReason {
    /// The contact asked for one.
    Asked,
    /// The receptionist does not understand what is wanted.
    NotUnderstood,
    /// It is something that the receptionist may not decide.
    NotAllowed,
    /// The contact is upset, or complains.
    Complaint,
    /// It cannot wait.
    Urgent,
    /// The model's own rules forbid an answer.
    Blocked,
}

stored_names!(HandoffReason:
    Asked = "asked",
    NotUnderstood = "not_understood",
    NotAllowed = "not_allowed",
    Complaint = "complaint",
    Urgent = "urgent",
    Blocked = "blocked",
);

/// A conversation that the receptionist gives to a person. From then on a person answers in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Handoff {
    /// The request's id.
    pub id: HandoffId,
    /// Why a person is wanted.
    pub reason: HandoffReason,
    /// What it is about, in the receptionist's words; may be empty. Kept sealed.
    pub summary: String,
    /// When it was requested.
    pub at: Timestamp,
}

shows_only!(Handoff: id, reason, at);

impl Handoff {
    /// The longest summary that is kept, in characters.
    pub const MAX_SUMMARY: usize = 1_000;
}
