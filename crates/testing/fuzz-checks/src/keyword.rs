//! STOP, START and HELP: recognised however they are written, and never where something else is said.

use conversation::{
    Attachment,
    InboundIntent::{Help, OptIn, OptOut, Ordinary},
    InboundText, carrier_answers_itself, classify,
};
use tenancy::Address;

/// The words that are keywords alone.
const STOPS: [&str; 8] = ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"];
/// The words that let messages come again.
const STARTS: [&str; 2] = ["start", "unstop"];
/// The words that ask who this is.
const HELPS: [&str; 2] = ["help", "info"];

/// Checks what a message is taken to ask for. The bytes are its text.
pub fn check_keyword(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let intent = classify(&text);
    check_spellings(&text);
    check_single_words(&text);
    assert_eq!(classify(&format!("STOP.\n{text}")), OptOut, "a sentence of its own that says STOP is heard");
    if intent == OptIn {
        assert!(STARTS.contains(&letters(&text).as_str()), "nothing but START and UNSTOP opts in: {text:?}");
    }
    if intent == Help {
        assert!(HELPS.contains(&letters(&text).as_str()), "help is not asked for in {text:?}");
    }
    if carrier_answers_itself(&text) {
        let yes = text.trim().eq_ignore_ascii_case("yes");
        assert_eq!(intent == Ordinary, yes, "the carrier and we take {text:?} for something else");
    }
    check_body(&text);
}

/// Case, full-width letters and what cannot be seen change nothing.
fn check_spellings(text: &str) {
    let intent = classify(text);
    let wide: String = text.chars().map(widened).collect();
    let strewn: String = text.chars().flat_map(|letter| [letter, '\u{200b}', '\u{ad}']).collect();
    for spelling in [
        text.to_ascii_uppercase(),
        text.to_ascii_lowercase(),
        wide,
        strewn,
        format!("\u{feff}  {text}\u{a0}\u{200f}"),
    ] {
        assert_eq!(classify(&spelling), intent, "{spelling:?} is not taken for {text:?}");
    }
}

fn widened(letter: char) -> char {
    match letter {
        '!'..='~' => char::from_u32(u32::from(letter) + 0xfee0).unwrap_or(letter),
        other => other,
    }
}

/// A keyword alone counts, whatever marks stand around it.
fn check_single_words(text: &str) {
    let marks: String =
        text.chars().filter(|letter| letter.is_ascii_punctuation() || letter.is_whitespace()).collect();
    let (before, after) =
        marks.split_at(marks.char_indices().nth(marks.chars().count() / 2).map_or(0, |(at, _)| at));
    let lists = [(STOPS.as_slice(), OptOut), (STARTS.as_slice(), OptIn), (HELPS.as_slice(), Help)];
    for (words, intent) in lists {
        for word in words {
            assert_eq!(classify(&format!("{before}{word}{after}")), intent, "{before:?} {word} {after:?}");
        }
    }
}

/// Returns the letters and digits alone, in their ordinary form.
fn letters(text: &str) -> String {
    let narrow = |letter: char| match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    };
    let lower = text.chars().map(narrow).flat_map(char::to_lowercase);
    lower.filter(|letter| letter.is_alphanumeric()).collect()
}

/// What is kept of a message is bounded and clean, and cleaning it again changes nothing.
fn check_body(text: &str) {
    let kept = inbound(text).body().text;
    assert!(kept.chars().count() <= InboundText::MAX_LENGTH);
    assert!(!kept.chars().any(|letter| letter.is_control() && letter != '\n' && letter != '\t'), "{kept:?}");
    assert_eq!(inbound(&kept).body().text, kept);
}

fn inbound(text: &str) -> InboundText {
    InboundText {
        provider_message_id: "SM1".to_owned(),
        from: Address::from_carrier("+15551230000"),
        text: text.to_owned(),
        attachments: Vec::<Attachment>::new(),
        understood: None,
        carrier_answered: false,
    }
}
