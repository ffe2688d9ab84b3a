//! What is said first in an emergency.

use tenancy::{BusinessProfile, Channel};

/// The part of the safety text by which it is found again in the transcript.
pub(crate) const WARNING: &str = "cannot contact emergency services";

/// Returns the safety text: that nobody here can send help, and whom to call.
pub(crate) fn text(business: &BusinessProfile, channel: Channel) -> String {
    let number = number(business);
    let leave = if channel == Channel::Voice { "hang up, leave" } else { "leave" };
    format!("This chat {WARNING}. If anyone is in danger, {leave} and call {number} now.")
}

/// Returns a reminder of it, for what follows.
pub(crate) fn reminder(business: &BusinessProfile) -> String {
    format!("If anyone is in danger, call {} now.", number(business))
}

fn number(business: &BusinessProfile) -> &str {
    let number = business.emergency_number.trim();
    if number.is_empty() { "your local emergency number" } else { number }
}
