//! What a message asks of us beside an answer: to stop, to start again, for help.

mod opt_out_wording;
mod spoken;
mod vocabulary;

use crate::message::stored_names;

use spoken::Spoken;

/// What a message asks of us beside an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InboundIntent {
    /// Nothing but an answer.
    Ordinary,
    /// Never to be written to again.
    OptOut,
    /// To be written to again.
    OptIn,
    /// Who this is and how to make it stop.
    Help,
}

stored_names!(InboundIntent: Ordinary = "ordinary", OptOut = "opt_out", OptIn = "opt_in", Help = "help");

/// The words that opt out when they are all that is said; `OPT OUT` is the last one with a gap.
const OUT: [&str; 8] = ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"];

/// The words that opt in again. `YES` is none: it answers a question, and means nothing without one.
const IN: [&str; 2] = ["start", "unstop"];

/// The words that ask for help.
const HELP: [&str; 2] = ["help", "info"];

/// What Twilio's default opt-out handling answers by itself.
const ANSWERED_BY_CARRIER: [&str; 13] = [
    "stop",
    "unsubscribe",
    "end",
    "quit",
    "stopall",
    "revoke",
    "optout",
    "cancel",
    "help",
    "info",
    "start",
    "yes",
    "unstop",
];

/// Tells what a message asks of us.
///
/// A keyword counts when it is the whole message, whatever the case and the punctuation around it: "weekend"
/// does not end anything. Beside that, any reasonable wording of "stop texting me" opts out. Nothing but
/// `START` and `UNSTOP` opts in.
pub fn classify(text: &str) -> InboundIntent {
    let spoken = Spoken::new(text);
    if OUT.contains(&spoken.joined().as_str()) {
        return InboundIntent::OptOut;
    }
    match spoken.only_word().as_deref() {
        Some(word) if IN.contains(&word) => InboundIntent::OptIn,
        Some(word) if HELP.contains(&word) => InboundIntent::Help,
        Some(_) | None if opt_out_wording::asks_to_stop(&spoken) => InboundIntent::OptOut,
        Some(_) | None => InboundIntent::Ordinary,
    }
}

/// Tells whether Twilio's default opt-out handling answers this message by itself, so that we must not.
///
/// It knows single words only, in any case, with white space around them; it knows no punctuation.
pub fn carrier_answers_itself(text: &str) -> bool {
    ANSWERED_BY_CARRIER.iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{InboundIntent::*, *};

    #[test]
    fn a_keyword_is_the_whole_message() {
        for (text, intent) in [
            ("STOP", OptOut),
            ("SToP", OptOut),
            (" stop. ", OptOut),
            ("Stop!!!", OptOut),
            ("\"STOP\"", OptOut),
            ("stopall", OptOut),
            ("Stop all", OptOut),
            ("Unsubscribe.", OptOut),
            ("cancel", OptOut),
            ("END", OptOut),
            ("quit", OptOut),
            ("revoke", OptOut),
            ("optout", OptOut),
            ("OPT OUT", OptOut),
            ("opt-out", OptOut),
            ("Help?", Help),
            ("info", Help),
            ("START", OptIn),
            ("Unstop!", OptIn),
            ("yes", Ordinary),
            ("YES", Ordinary),
            ("start tomorrow please", Ordinary),
            ("please start", Ordinary),
            ("un stop", Ordinary),
            ("help me", Ordinary),
            ("weekend", Ordinary),
            ("please cancel", Ordinary),
            ("", Ordinary),
            ("  \n", Ordinary),
            ("👍", Ordinary),
        ] {
            assert_eq!(classify(text), intent, "{text:?}");
        }
    }

    #[test]
    fn a_keyword_in_odd_letters_and_spaces_is_still_a_keyword() {
        for text in [
            "ＳＴＯＰ",
            "\u{a0}STOP\u{a0}",
            "\u{3000}stop",
            "S\u{200b}TOP",
            "\u{feff}STOP\u{200f}",
            "ST\u{ad}OP",
            "S T O P",
            "S.T.O.P.",
            "STOP 🛑",
            "opt\u{a0}out",
            "‘STOP’",
        ] {
            assert_eq!(classify(text), OptOut, "{text:?}");
        }
    }

    #[test]
    fn the_carrier_answers_single_words_only() {
        for text in ["STOP", " stop ", "Yes", "revoke", "INFO", "unstop\n"] {
            assert!(carrier_answers_itself(text), "{text:?}");
        }
        for text in ["STOP.", "opt out", "stop all", "please stop", "", "s top"] {
            assert!(!carrier_answers_itself(text), "{text:?}");
        }
    }

    fn keyword() -> impl Strategy<Value = (&'static str, InboundIntent)> {
        let all = OUT.map(|word| (word, OptOut)).into_iter();
        let all = all.chain(IN.map(|word| (word, OptIn))).chain(HELP.map(|word| (word, Help)));
        proptest::sample::select(all.collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            classify(&text);
            carrier_answers_itself(&text);
        }

        #[test]
        fn punctuation_around_a_keyword_and_its_case_change_nothing(
            (word, intent) in keyword(),
            before in r"[\p{P}\p{Z}]{0,6}",
            after in r"[\p{P}\p{Z}]{0,6}",
            capitals in any::<u16>(),
        ) {
            let word = word.chars().enumerate();
            let word: String =
                word.map(|(i, c)| if capitals >> i & 1 == 1 { c.to_ascii_uppercase() } else { c }).collect();
            prop_assert_eq!(classify(&format!("{before}{word}{after}")), intent);
        }
    }
}
