//! How far the business has come with a lead.

use crate::{LeadError, words::words};

words! {
    /// How far the business has come with a lead. Of two leads that become one, the greater status counts.
    LeadStatus {
        /// Of no use: a wrong number, an advertiser.
        Dismissed = "dismissed",
        /// Wanted something and did not buy.
        Lost = "lost",
        /// Nobody has looked yet.
        New = "new",
        /// Somebody has made sure that this is a person who can be reached.
        Verified = "verified",
        /// It is known what is wanted, and the business can do it.
        Qualified = "qualified",
        /// A customer now.
        Won = "won",
    }
}

impl LeadStatus {
    /// Returns what a lead with this status may become next.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::New => &[Self::Verified, Self::Qualified, Self::Won, Self::Lost, Self::Dismissed],
            Self::Verified => &[Self::Qualified, Self::Won, Self::Lost, Self::Dismissed],
            Self::Qualified => &[Self::Verified, Self::Won, Self::Lost, Self::Dismissed],
            Self::Won => &[Self::Qualified],
            Self::Lost | Self::Dismissed => &[Self::New],
        }
    }

    /// Goes to another status; staying is no change and always possible.
    ///
    /// # Errors
    /// [`LeadError::Transition`] when the table has no such step.
    pub fn go_to(self, to: Self) -> Result<Self, LeadError> {
        if self == to || self.next().contains(&to) {
            Ok(to)
        } else {
            Err(LeadError::Transition { from: self, to })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_the_table_has_is_taken_and_no_other() {
        for (from, to, is_allowed) in [
            (LeadStatus::New, LeadStatus::Won, true),
            (LeadStatus::Qualified, LeadStatus::Verified, true),
            (LeadStatus::Won, LeadStatus::Qualified, true),
            (LeadStatus::Dismissed, LeadStatus::New, true),
            (LeadStatus::Lost, LeadStatus::New, true),
            (LeadStatus::New, LeadStatus::New, true),
            (LeadStatus::Won, LeadStatus::Lost, false),
            (LeadStatus::Won, LeadStatus::New, false),
            (LeadStatus::Lost, LeadStatus::Won, false),
            (LeadStatus::Dismissed, LeadStatus::Verified, false),
            (LeadStatus::Verified, LeadStatus::New, false),
        ] {
            assert_eq!(from.go_to(to).is_ok(), is_allowed, "{from:?} to {to:?}");
        }
    }
}
