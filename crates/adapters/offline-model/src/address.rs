//! Finds a street address in what was said.

use crate::words::{Sentence, Word, listed};

const STREETS: &str = "street st road rd avenue ave lane ln drive dr court ct boulevard blvd way place pl terrace circle \
    square highway hwy parkway close crescent row";

/// The most words between the number and the street.
const BETWEEN: usize = 4;

/// Returns the address that a sentence tells; `asked` says whether it was asked for just before.
pub(crate) fn told(sentence: &Sentence, asked: bool) -> Option<String> {
    let words = &sentence.words;
    let numbered = (0..words.len()).find_map(|at| street(words.get(at..)?));
    numbered.or_else(|| after_phrase(sentence)).or_else(|| if asked { whole(sentence) } else { None })
}

/// "12 Old Oak Street", with the town after it where a comma leads to it.
fn street(words: &[Word]) -> Option<String> {
    let (number, rest) = words.split_first()?;
    if !number.plain.starts_with(|c: char| c.is_ascii_digit()) || number.plain.contains(':') {
        return None;
    }
    let street =
        rest.iter().take(BETWEEN).position(|word| listed(STREETS, &word.plain)).filter(|at| *at > 0)?;
    let mut used = street + 2;
    while words.get(used - 1).is_some_and(|word| word.ends_clause)
        && words.get(used).is_some_and(|word| word.shown.starts_with(char::is_uppercase) && used < street + 4)
    {
        used += 1;
    }
    words.get(..used).map(join)
}

fn after_phrase(sentence: &Sentence) -> Option<String> {
    let plain = sentence.plain();
    let at = (0..plain.len())
        .find(|at| matches!(plain.get(*at..), Some(["my" | "the", "address", "is", _, ..])))?;
    sentence.words.get(at + 3..).map(|rest| join(rest.get(..8).unwrap_or(rest)))
}

fn whole(sentence: &Sentence) -> Option<String> {
    let is_short = (2..=8).contains(&sentence.words.len());
    let has_number = sentence.words.iter().any(|word| word.plain.starts_with(|c: char| c.is_ascii_digit()));
    (is_short && has_number && !sentence.asks).then(|| join(&sentence.words))
}

fn join(words: &[Word]) -> String {
    words.iter().map(|word| word.shown.as_str()).collect::<Vec<_>>().join(" ").chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::sentences;

    fn heard(text: &str, asked: bool) -> Option<String> {
        told(&sentences(text)[0], asked)
    }

    #[test]
    fn an_address_is_heard_with_its_street() {
        for (text, address) in [
            ("I live at 12 Oak Street", "12 Oak Street"),
            ("12 old oak st, Bristol, and hurry", "12 old oak st Bristol"),
            ("my address is Flat 3 Elm House", "Flat 3 Elm House"),
        ] {
            assert_eq!(heard(text, false).as_deref(), Some(address), "{text}");
        }
        assert_eq!(heard("Flat 3, Elm House", true).as_deref(), Some("Flat 3 Elm House"));
    }

    #[test]
    fn other_numbers_are_no_address() {
        for text in ["3 sinks leak", "tomorrow at 3", "10:30 works, way to go"] {
            assert_eq!(heard(text, false), None, "{text}");
        }
    }
}
