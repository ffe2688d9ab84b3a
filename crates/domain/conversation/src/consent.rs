//! Whether an address may be written to, and the ledger that proves it.

use chrono::TimeDelta;
use kernel::{LedgerEntryId, MessageId, Timestamp};
use tenancy::Address;

use crate::message::{shows_only, stored_names};

/// Whether an address may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ConsentState {
    /// Nobody has said; answering what somebody wrote is fine.
    #[default]
    Unknown,
    /// Said yes, after a no or in so many words.
    OptedIn,
    /// Said no. Nothing leaves but one confirmation.
    OptedOut,
}

stored_names!(ConsentState: Unknown = "unknown", OptedIn = "opted_in", OptedOut = "opted_out");

/// What changed a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConsentAction {
    /// The address said no.
    OptOut,
    /// The address said yes.
    OptIn,
}

stored_names!(ConsentAction: OptOut = "opt_out", OptIn = "opt_in");

impl ConsentAction {
    /// Returns the state that the action leads to.
    pub fn leads_to(self) -> ConsentState {
        match self {
            Self::OptOut => ConsentState::OptedOut,
            Self::OptIn => ConsentState::OptedIn,
        }
    }
}

/// How we came to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConsentSource {
    /// A message of the contact.
    Message,
    /// The carrier said so, when it refused a message.
    Carrier,
    /// A person of the business, through the API.
    Person,
}

stored_names!(ConsentSource: Message = "message", Carrier = "carrier", Person = "person");

/// What stands for an address now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// Whether it may be written to.
    pub state: ConsentState,
    /// When that changed last.
    pub changed_at: Option<Timestamp>,
    /// When the confirmation of an opt-out was last written.
    pub confirmed_at: Option<Timestamp>,
    /// Rises with every change; 0 when nobody has said.
    pub version: i64,
}

impl Consent {
    /// How long after an opt-out its confirmation may leave.
    pub const CONFIRMATION_WINDOW: TimeDelta = TimeDelta::minutes(5);

    /// Tells whether the address has said no.
    pub fn is_opted_out(&self) -> bool {
        self.state == ConsentState::OptedOut
    }

    /// Tells whether the one confirmation of an opt-out may still be written: the change is under five minutes
    /// old, and none was written in the five minutes before.
    pub fn may_confirm(&self, now: Timestamp) -> bool {
        let recent = |at: Timestamp| now - at <= Self::CONFIRMATION_WINDOW;
        self.changed_at.is_some_and(recent) && !self.confirmed_at.is_some_and(recent)
    }
}

/// A change of consent about to be written, and its line in the ledger.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsentChange {
    /// The ledger line's id.
    pub entry_id: LedgerEntryId,
    /// What is changed.
    pub action: ConsentAction,
    /// How we came to know.
    pub source: ConsentSource,
    /// The words that said so, kept sealed; empty when there were none.
    pub evidence: String,
    /// The message that said so, if one did.
    pub message_id: Option<MessageId>,
    /// When.
    pub at: Timestamp,
}

shows_only!(ConsentChange: entry_id, action, source, message_id, at);

/// A line of the consent ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The address it is about.
    pub address: Address,
    /// What was changed, how and when.
    pub change: ConsentChange,
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Clock as _;
    use kernel::testing::ManualClock;

    #[test]
    fn one_confirmation_within_five_minutes() {
        let now = ManualClock::default().now();
        let mut consent =
            Consent { state: ConsentState::OptedOut, changed_at: Some(now), confirmed_at: None, version: 1 };
        assert!(consent.may_confirm(now + TimeDelta::minutes(5)));
        assert!(!consent.may_confirm(now + TimeDelta::minutes(6)));
        consent.confirmed_at = Some(now);
        assert!(!consent.may_confirm(now + TimeDelta::minutes(1)));
    }
}
