//! The fixed sentences that the law, not the model, asks for.

use crate::{keyword::InboundIntent, message::Purpose};

/// Returns what answers a keyword, and under which purpose it leaves; `None` for ordinary words.
pub(crate) fn notice(intent: InboundIntent, business_name: &str) -> Option<(Purpose, String)> {
    match intent {
        InboundIntent::OptOut => Some((
            Purpose::OptOutConfirmation,
            format!("You have opted out of messages from {business_name} and will get no more. Reply START to opt in again."),
        )),
        InboundIntent::OptIn => Some((
            Purpose::OptInConfirmation,
            format!("You are opted in to messages from {business_name} again. Reply STOP to opt out."),
        )),
        InboundIntent::Help => Some((
            Purpose::Help,
            format!("This is the assistant of {business_name}. Write what you need and we will help. Reply STOP to opt out."),
        )),
        InboundIntent::Ordinary => None,
    }
}

/// What a contact reads when the model has failed for good: honest, and nothing is lost.
pub(crate) fn fallback(business_name: &str) -> String {
    format!(
        "Sorry, I cannot answer right now. Your message has reached {business_name}, and a person will read it. \
         If this is a life-threatening emergency, call 911 or your local emergency number."
    )
}
