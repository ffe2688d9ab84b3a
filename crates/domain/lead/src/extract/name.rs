//! Names that people give themselves.

use crate::Confidence;

/// Ways to say it, with how sure each is; behind the doubtful ones only a capital letter is a name.
const PHRASES: &[(&str, u8)] = &[
    ("my name is ", 85),
    ("my name's ", 85),
    ("mein name ist ", 85),
    ("mi nombre es ", 85),
    ("me llamo ", 85),
    ("je m'appelle ", 85),
    ("ich heiße ", 85),
    ("ich heisse ", 85),
    ("this is ", DOUBTFUL),
    ("i am ", DOUBTFUL),
    ("i'm ", DOUBTFUL),
    ("ich bin ", DOUBTFUL),
];

const DOUBTFUL: u8 = 60;

/// Words that end a name.
const ENDS: &[&str] = &[
    "and", "at", "but", "calling", "for", "from", "here", "i", "in", "my", "of", "on", "or", "speaking",
    "the", "und", "with", "y", "not", "a", "an",
];

/// Words with a capital letter that are no names behind "I am".
const NO_NAMES: &[&str] = &[
    "interested",
    "looking",
    "sorry",
    "having",
    "just",
    "still",
    "very",
    "so",
    "urgent",
    "trying",
    "calling",
    "good",
    "fine",
    "ok",
    "available",
    "it",
    "what",
    "how",
    "that",
    "great",
    "about",
    "asap",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Finds the name that somebody gives.
pub(super) fn find(text: &str) -> Option<(String, Confidence)> {
    let text = text.replace('’', "'");
    PHRASES.iter().find_map(|(phrase, sure)| {
        let name = behind(&text, phrase)?;
        let name = words_of(name, *sure == DOUBTFUL);
        (!name.is_empty()).then(|| (name, Confidence::new(*sure)))
    })
}

/// Returns what stands behind a phrase that begins a word.
fn behind<'a>(text: &'a str, phrase: &str) -> Option<&'a str> {
    let mut starts = text.char_indices().filter_map(|(at, _)| {
        let begins = text.get(..at)?.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '\'');
        begins.then_some(at)
    });
    starts.find_map(|at| strip_phrase(text.get(at..)?, phrase))
}

fn strip_phrase<'a>(text: &'a str, phrase: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for expected in phrase.chars() {
        let c = rest.next()?;
        if c.to_lowercase().next() != Some(expected) {
            return None;
        }
    }
    Some(rest.as_str())
}

/// Takes up to four words that look like parts of a name.
fn words_of(text: &str, needs_capital: bool) -> String {
    let mut name: Vec<&str> = Vec::new();
    for word in text.split_whitespace().take(4) {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let lower = bare.to_lowercase();
        let is_lettered = bare.chars().next().is_some_and(char::is_alphabetic)
            && bare.chars().all(|c| c.is_alphabetic() || c == '\'' || c == '-' || c == '.');
        let has_capital = bare.chars().next().is_some_and(char::is_uppercase);
        let is_no_name = needs_capital && NO_NAMES.contains(&lower.as_str());
        let needs_it = needs_capital || !name.is_empty();
        if !is_lettered || ENDS.contains(&lower.as_str()) || is_no_name || (needs_it && !has_capital) {
            break;
        }
        name.push(bare);
        if bare.len() < word.len() && !word.ends_with('.') || word.ends_with('.') && bare.chars().count() > 2
        {
            break;
        }
    }
    name.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_somebody_gives_is_found() {
        for (text, name) in [
            ("Hi, my name is Ann Smith and my sink leaks", Some("Ann Smith")),
            ("my name is ann", Some("ann")),
            ("This is Bob. Please call", Some("Bob")),
            ("I’m José O'Neil-Kay, hello", Some("José O'Neil-Kay")),
            ("Ich heiße Jürgen", Some("Jürgen")),
            ("I am Interested in a boiler", None),
            ("I am looking for help", None),
            ("this is urgent", None),
            ("my wife's name is Mary", None),
            ("my name is", None),
            ("my name is 12345", None),
        ] {
            assert_eq!(find(text).map(|(name, _)| name).as_deref(), name, "{text}");
        }
    }
}
