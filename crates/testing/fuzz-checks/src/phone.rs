//! Phone numbers and senders: one form for each number, and whatever is kept reads back as it was.

use kernel::PhoneNumber;
use lead::{Field, Region, extract};
use tenancy::Address;

/// Checks how numbers and senders are read, alone and inside a text. The bytes are the text.
pub fn check_phone(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let number = PhoneNumber::parse(&text).ok();
    if let Some(number) = &number {
        check_number(number, &text);
    }
    check_spellings(&text, number.as_ref());
    check_addresses(&text);
    check_numbers_inside(&text);
}

fn check_number(number: &PhoneNumber, text: &str) {
    let shown = number.as_str();
    assert_canonical(shown);
    assert_eq!(PhoneNumber::parse(shown).as_ref(), Ok(number), "the one form is read as itself");
    let text = text.split(';').next().unwrap_or_default();
    let digits = shown.trim_start_matches('+');
    // The zero that is dialled inside a country only may be left out.
    let is_written = [digits_of(text), digits_of(&text.replacen("(0)", "", 1))]
        .iter()
        .any(|written| written.strip_prefix("00").unwrap_or(written) == digits);
    assert!(is_written, "{shown} out of {text:?}");
    let json = serde_json::to_string(number).unwrap_or_default();
    assert_eq!(serde_json::from_str::<PhoneNumber>(&json).ok().as_ref(), Some(number));
    let spaced: String = shown.chars().flat_map(|letter| [letter, ' ', '\u{2011}', '(']).collect();
    assert_eq!(PhoneNumber::parse(&spaced).as_ref(), Ok(number), "what separates digits is no part of it");
    let told: String = format!("{number:?}").chars().filter(char::is_ascii_digit).collect();
    assert!(told.len() == 2 && shown.ends_with(&told), "debug output tells {told}");
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A plus, no zero first, and a possible length.
fn assert_canonical(text: &str) {
    let digits = text.strip_prefix('+').unwrap_or_default();
    let possible = if digits.starts_with('1') { 11..=11 } else { 8..=15 };
    assert!(possible.contains(&digits.len()) && !digits.starts_with('0'), "{text}");
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
}

/// Blanks around a number, its scheme and the way its country code is announced change nothing.
fn check_spellings(text: &str, number: Option<&PhoneNumber>) {
    let trimmed = text.trim();
    let mut same = vec![format!(" {text}\n")];
    if !trimmed.starts_with("tel:") {
        same.push(format!("tel:{trimmed}"));
    }
    same.extend(trimmed.strip_prefix('+').map(|rest| format!("00{rest}")));
    for spelling in same {
        assert_eq!(PhoneNumber::parse(&spelling).ok().as_ref(), number, "{spelling:?}");
    }
}

fn check_addresses(text: &str) {
    let sender = Address::from_carrier(text);
    assert_eq!(
        Address::from_carrier(sender.as_str()),
        sender,
        "a sender that is shown is found by what is shown"
    );
    assert_eq!(sender.is_replyable(), PhoneNumber::parse(sender.as_str()).is_ok());
    let session = Address::from_session(text);
    if let Some(session) = &session {
        assert!(!session.as_str().is_empty() && !session.as_str().chars().any(char::is_control));
        assert_eq!(Address::from_session(session.as_str()).as_ref(), Some(session));
    }
    for address in [Some(sender), session].into_iter().flatten() {
        assert!(address.as_str().chars().count() <= Address::MAX_LENGTH);
        assert_eq!(address.as_str(), address.as_str().trim());
        let (kind, stored) = address.to_stored();
        assert_eq!(Address::from_stored(kind, stored).as_ref(), Some(&address), "what is stored reads back");
    }
}

/// Numbers found inside a text are numbers, each once, and made of digits that stand there.
fn check_numbers_inside(text: &str) {
    let written = [digits_of(text), digits_of(&text.replace("(0)", ""))];
    for region in [None, Region::from_country("US"), Region::from_country("DE")] {
        let facts = extract(text, region);
        let numbers: Vec<_> = facts.iter().filter(|(field, _, _)| *field == Field::Phone).collect();
        assert!(numbers.len() <= 5);
        for (place, (_, value, _)) in numbers.iter().enumerate() {
            assert_canonical(value.as_str());
            let tail = value.as_str().get(value.as_str().len() - 7..).unwrap_or_default();
            assert!(written.iter().any(|digits| digits.contains(tail)), "{tail} does not stand in {text:?}");
            assert!(numbers.iter().skip(place + 1).all(|(_, other, _)| other != value), "twice");
        }
    }
}
