//! Postal codes: where a word announces one, or the form leaves no doubt.

use crate::{Confidence, person_name::is_state};

const WORDS: &[&str] = &["zip", "zipcode", "postal", "postcode", "plz", "postleitzahl"];

/// Words that may stand between the word and the code.
const FILLERS: &[&str] = &["code", "is", "ist", "number", "my"];

/// Finds a postal code and how sure it is that it is one.
pub(super) fn find(text: &str) -> Option<(String, Confidence)> {
    let ends = |c: char| c.is_whitespace() || ",;:()!?\"".contains(c);
    let words: Vec<String> = text
        .split(ends)
        .map(|word| word.trim_end_matches('.').to_owned())
        .filter(|word| !word.is_empty())
        .collect();
    let announced = (0..words.len()).find_map(|at| announced_at(&words, at));
    announced
        .or_else(|| words.windows(2).find_map(by_its_form))
        .or_else(|| words.iter().find_map(|word| alone(word)))
}

fn announced_at(words: &[String], at: usize) -> Option<(String, Confidence)> {
    let (word, behind) = words.get(at..)?.split_first()?;
    if !WORDS.contains(&word.to_lowercase().as_str()) {
        return None;
    }
    let behind: Vec<&String> =
        behind.iter().skip_while(|word| FILLERS.contains(&word.to_lowercase().as_str())).take(2).collect();
    let one = (*behind.first()?).clone();
    if let Some(second) = behind.get(1)
        && is_split_code(&one, second)
    {
        return Some((format!("{one} {second}"), Confidence::new(95)));
    }
    let is_number = is_digits(&one, 4) || is_digits(&one, 5) || is_zip_plus_4(&one);
    let is_joined = shape(&one).len() >= 5 && one.chars().any(|c| c.is_ascii_digit()) && is_joined_code(&one);
    (is_number || is_joined).then(|| (one, Confidence::new(95)))
}

/// Two words: "NY 10001", "K1A 0B1", "SW1A 1AA".
fn by_its_form(pair: &[String]) -> Option<(String, Confidence)> {
    let [one, other] = pair else { return None };
    if is_state(one) && (is_digits(other, 5) || is_zip_plus_4(other)) {
        return Some((other.clone(), Confidence::new(90)));
    }
    let is_upper = !one.chars().chain(other.chars()).any(|c| c.is_ascii_lowercase());
    (is_upper && is_split_code(one, other)).then(|| (format!("{one} {other}"), Confidence::new(85)))
}

/// One word: "10001-1234", "D-10115".
fn alone(word: &str) -> Option<(String, Confidence)> {
    let german = word.strip_prefix("D-").or_else(|| word.strip_prefix("DE-"));
    match german {
        Some(digits) if is_digits(digits, 5) => Some((digits.to_owned(), Confidence::new(85))),
        Some(_) | None => is_zip_plus_4(word).then(|| (word.to_owned(), Confidence::new(80))),
    }
}

fn is_digits(word: &str, count: usize) -> bool {
    word.len() == count && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_zip_plus_4(word: &str) -> bool {
    word.split_once('-').is_some_and(|(five, four)| is_digits(five, 5) && is_digits(four, 4))
}

/// Letters as `A`, digits as `9`, anything else as it is.
fn shape(word: &str) -> String {
    let kind = |c: char| match c {
        'a'..='z' | 'A'..='Z' => 'A',
        '0'..='9' => '9',
        other => other,
    };
    word.chars().map(kind).collect()
}

fn is_split_code(one: &str, other: &str) -> bool {
    let (one, other) = (shape(one), shape(other));
    let is_canadian = one == "A9A" && other == "9A9";
    let is_british = matches!(one.as_str(), "A9" | "A99" | "AA9" | "AA99" | "A9A" | "AA9A") && other == "9AA";
    is_canadian || is_british
}

fn is_joined_code(word: &str) -> bool {
    let middle = word.len().checked_sub(3);
    middle.and_then(|at| word.split_at_checked(at)).is_some_and(|(one, other)| is_split_code(one, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_where_it_is_announced_or_clear() {
        for (text, code) in [
            ("my zip code is 10001.", Some("10001")),
            ("PLZ: 10115", Some("10115")),
            ("12 Main St, Brooklyn, NY 11201", Some("11201")),
            ("at K1A 0B1 please", Some("K1A 0B1")),
            ("postcode sw1a 1aa", Some("sw1a 1aa")),
            ("postcode SW1A1AA", Some("SW1A1AA")),
            ("10001-1234", Some("10001-1234")),
            ("D-10115 Berlin", Some("10115")),
            ("it costs 10001 dollars", None),
            ("OK 5 people", None),
            ("zip ties", None),
            ("", None),
        ] {
            assert_eq!(find(text).map(|(code, _)| code).as_deref(), code, "{text}");
        }
    }
}
