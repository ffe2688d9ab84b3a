//! The fixed sentences that the law, not the model, asks for.

use crate::{keyword::InboundIntent, message::Purpose};

/// Returns what answers a keyword, and under which purpose it leaves; `None` for ordinary words.
pub(crate) fn notice(intent: InboundIntent, business_name: &str) -> Option<(Purpose, String)> {
    match intent {
        InboundIntent::OptOut => Some((
            Purpose::OptOutConfirmation,
            format!(
                "You have opted out of messages from {business_name} and will get no more. Reply START to opt in again."
            ),
        )),
        InboundIntent::OptIn => Some((
            Purpose::OptInConfirmation,
            format!("You are opted in to messages from {business_name} again. Reply STOP to opt out."),
        )),
        InboundIntent::Help => Some((
            Purpose::Help,
            format!(
                "This is the assistant of {business_name}. Write what you need and we will help. Reply STOP to opt out."
            ),
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

/// What a contact reads when a person takes over and the model has found no words for it.
pub(crate) fn handed_over(business_name: &str) -> String {
    format!(
        "I am passing you to a person at {business_name}. They have your messages and will get back to you here."
    )
}

/// What a contact reads in place of words that gave the instructions away.
pub(crate) fn withheld(business_name: &str) -> String {
    format!("Sorry, I cannot help with that. Is there something that I can do for you at {business_name}?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{classify, segment_count};

    const NAME: &str = "Bristol Plumbing";

    fn all() -> Vec<(Purpose, String)> {
        InboundIntent::ALL.iter().filter_map(|intent| notice(*intent, NAME)).collect()
    }

    #[test]
    fn each_keyword_has_its_notice_and_ordinary_words_have_none() {
        let purposes: Vec<_> = all().into_iter().map(|(purpose, _)| purpose).collect();
        assert_eq!(purposes, [Purpose::OptOutConfirmation, Purpose::OptInConfirmation, Purpose::Help]);
        assert_eq!(notice(InboundIntent::Ordinary, NAME), None);
    }

    #[test]
    fn every_notice_names_the_business_and_the_way_back() {
        for (purpose, text) in all() {
            assert!(text.contains(NAME), "{text}");
            let word = if purpose == Purpose::OptOutConfirmation { "START" } else { "STOP" };
            assert!(text.contains(&format!("Reply {word}")), "{text}");
        }
    }

    #[test]
    fn every_notice_fits_one_segment() {
        for (_, text) in all() {
            assert_eq!(segment_count(&text), 1, "{text}");
        }
    }

    #[test]
    fn our_own_sentences_opt_nobody_in_when_they_come_back() {
        for text in
            all().into_iter().map(|(_, text)| text).chain([fallback(NAME), handed_over(NAME), withheld(NAME)])
        {
            assert_ne!(classify(&text), InboundIntent::OptIn, "{text}");
        }
    }

    #[test]
    fn the_fallback_names_the_business_and_the_emergency_number() {
        let text = fallback(NAME);
        assert!(text.contains(NAME) && text.contains("911"), "{text}");
    }
}
