//! Phone numbers inside a text: with a country code anywhere, and without one as they are written in a region.

use kernel::PhoneNumber;

use crate::{Confidence, Region};

/// The most numbers that are taken from one text.
const MOST: usize = 5;

const SEPARATORS: [char; 8] = [' ', '-', '.', '(', ')', '/', '\u{a0}', '\u{2011}'];

const WORDS: &[&str] =
    &["phone", "call", "number", "cell", "mobile", "text me", "reach", "tel", "nummer", "handy"];

/// Finds numbers, in order, each once, with how sure it is that it is one.
pub(super) fn find(text: &str, region: Option<Region>) -> Vec<(PhoneNumber, Confidence)> {
    let lower = text.to_lowercase();
    let speaks_of_it = WORDS.iter().any(|word| lower.contains(word));
    let mut found: Vec<(PhoneNumber, Confidence)> = Vec::new();
    for candidate in candidates(text) {
        for (number, shape) in numbers(&candidate, region) {
            let sure = match shape {
                Shape::International => 95,
                Shape::Grouped => 85,
                Shape::Bare if speaks_of_it => 80,
                Shape::Bare => 60,
            };
            if found.len() < MOST && !found.iter().any(|(known, _)| *known == number) {
                found.push((number, Confidence::new(sure)));
            }
        }
    }
    found
}

#[derive(Clone, Copy)]
enum Shape {
    International,
    Grouped,
    Bare,
}

/// Returns stretches of digits and what separates them, that stand alone: not inside a word, an address or an amount.
fn candidates(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut current = String::new();
    let (mut before, mut start) = (' ', ' ');
    for c in text.chars().chain(['\n']) {
        let begins = c.is_ascii_digit() || c == '+' || (c == '(' && current.is_empty());
        let goes_on = !current.is_empty() && (c.is_ascii_digit() || SEPARATORS.contains(&c));
        if goes_on {
            current.push(c);
        } else {
            take(&mut all, &mut current, start, c);
            if begins {
                start = before;
                current.push(c);
            }
        }
        before = c;
    }
    all
}

/// Ends a stretch: keeps it unless what stands before or behind makes it part of something else.
fn take(all: &mut Vec<String>, current: &mut String, before: char, after: char) {
    let is_part = |c: char| c.is_alphanumeric() || "@#$€£_=%/\\&?".contains(c);
    let trimmed = current.trim_end_matches(SEPARATORS);
    let touches = trimmed.len() == current.len();
    let ends_well = !touches || after == '?' || after == 'x' || !is_part(after);
    if !trimmed.is_empty() && !is_part(before) && ends_well {
        all.push(trimmed.to_owned());
    }
    current.clear();
}

/// Reads a stretch as a number, or as several, one behind the other.
fn numbers(candidate: &str, region: Option<Region>) -> Vec<(PhoneNumber, Shape)> {
    let words: Vec<&str> =
        candidate.split([' ', '\u{a0}']).filter(|word| !word.is_empty()).take(40).collect();
    let mut found = Vec::new();
    let mut rest = words.as_slice();
    while !rest.is_empty() {
        let longest = (1..=rest.len().min(8)).rev();
        let read = longest.filter_map(|count| {
            let (head, tail) = rest.split_at_checked(count)?;
            Some((read(&head.join(" "), region)?, tail))
        });
        match read.into_iter().next() {
            Some((number, tail)) => {
                found.push(number);
                rest = tail;
            }
            None => rest = rest.get(1..).unwrap_or_default(),
        }
    }
    found
}

fn read(text: &str, region: Option<Region>) -> Option<(PhoneNumber, Shape)> {
    let groups: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let digits = groups.concat();
    let is_international = text.starts_with('+') || (digits.starts_with("00") && digits.len() > 11);
    if is_international {
        // A single digit at the end is the next word: "+49 30 12345678 2 rooms".
        let ends_well = groups.last().is_some_and(|group| group.len() > 1);
        let number = PhoneNumber::parse(text).ok().filter(|_| ends_well)?;
        return Some((number, Shape::International));
    }
    let region = region?;
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let shape = if groups.len() > 1 { Shape::Grouped } else { Shape::Bare };
    let (is_possible, digits) = if region.is_north_america() {
        let local = digits.strip_prefix('1').filter(|rest| rest.len() == 10).unwrap_or(&digits);
        let possible = matches!(
            lengths.as_slice(),
            [10 | 11] | [3, 3, 4] | [3, 7] | [6, 4] | [1, 3, 3, 4] | [1, 10] | [1, 3, 7]
        );
        (possible, local)
    } else {
        let is_date = matches!(lengths.as_slice(), [2, 2, 4 | 2] | [4, 2, 2]);
        (!is_date, digits.as_str())
    };
    let number = region.national(digits).filter(|_| is_possible)?;
    Some((number, shape))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, country: &str) -> Vec<String> {
        find(text, Region::from_country(country)).iter().map(|(number, _)| number.to_string()).collect()
    }

    #[test]
    fn numbers_are_found_as_people_write_them() {
        for (text, country, expected) in [
            ("call +1 (555) 123-0000 after 5", "US", vec!["+15551230000"]),
            ("it's 555-123-0000.", "US", vec!["+15551230000"]),
            ("(555) 123 0000 or 5551230001?", "US", vec!["+15551230000", "+15551230001"]),
            ("at 5 555 123 0000 please", "US", vec!["+15551230000"]),
            ("1-555-123-0000x12", "US", vec!["+15551230000"]),
            ("+442079460000", "", vec!["+442079460000"]),
            ("020 7946 0000", "GB", vec!["+442079460000"]),
            ("030/12345678", "DE", vec!["+493012345678"]),
            ("on +44 (0)20 7946 0958, please", "GB", vec!["+442079460958"]),
            ("0049 (0)30 12345678", "US", vec!["+493012345678"]),
            ("01 23 45 67 89", "FR", vec!["+33123456789"]),
            ("+15551230000 +15551230001", "US", vec!["+15551230000", "+15551230001"]),
        ] {
            assert_eq!(found(text, country), expected, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_left() {
        for (text, country) in [
            ("on 2026-11-02 15:00", "US"),
            ("order #5551230000", "US"),
            ("$5551230000", "US"),
            ("a5551230000", "US"),
            ("https://example.com/5551230000", "US"),
            ("4111 1111 1111 1111", "US"),
            ("123-45-6789", "US"),
            ("02.11.2026", "DE"),
            ("5551230000", ""),
            ("555123", "US"),
        ] {
            assert_eq!(found(text, country), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_form_that_leaves_doubt_is_less_sure() {
        let sure = |text| find(text, Region::from_country("US")).first().map(|(_, sure)| sure.percent());
        assert_eq!(sure("+15551230000"), Some(95));
        assert_eq!(sure("555-123-0000"), Some(85));
        assert_eq!(sure("my phone: 5551230000"), Some(80));
        assert_eq!(sure("5551230000"), Some(60));
    }
}
