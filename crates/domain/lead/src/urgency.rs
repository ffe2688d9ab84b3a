//! How soon somebody needs what they need.

use crate::words::words;

words! {
    /// How soon somebody needs what they need.
    Urgency {
        /// Whenever it suits.
        Low = "low",
        /// In the coming days.
        Normal = "normal",
        /// As soon as can be.
        High = "high",
        /// Now.
        Emergency = "emergency",
    }
}

/// Wordings that say how soon. One that is denied says that it is not so soon.
const WORDINGS: &[(&str, Urgency)] = &[
    ("no rush", Urgency::Low),
    ("no hurry", Urgency::Low),
    ("emergency", Urgency::Emergency),
    ("notfall", Urgency::Emergency),
    ("emergencia", Urgency::Emergency),
    ("urgent", Urgency::High),
    ("urgently", Urgency::High),
    ("asap", Urgency::High),
    ("as soon as possible", Urgency::High),
    ("right away", Urgency::High),
    ("immediately", Urgency::High),
    ("dringend", Urgency::High),
    ("urgente", Urgency::High),
];

/// What is an emergency whatever it is called. Where it is denied, nothing is said.
const TROUBLES: &[&str] = &[
    "burst",
    "bursting",
    "flood in",
    "flood at",
    "flooded",
    "flooding",
    "gas leak",
    "leaking gas",
    "smell gas",
    "smell of gas",
];

/// What denies a wording that it stands before, at once or with [`FILLERS`] between.
const DENIALS: &[&str] = &[
    "not",
    "no",
    "nothing",
    "never",
    "without",
    "hardly",
    "isn't",
    "isnt",
    "wasn't",
    "ain't",
    "aren't",
    "nicht",
    "kein",
    "keine",
    "no es",
    "don't think it's",
    "don't think it is",
    "don't think this is",
    "don't have",
];

const FILLERS: &[&str] = &[
    "a",
    "an",
    "the",
    "all",
    "that",
    "really",
    "very",
    "too",
    "super",
    "so",
    "actually",
    "particularly",
    "terribly",
    "exactly",
    "quite",
    "real",
    "ein",
    "besonders",
    "sehr",
    "muy",
    "una",
];

/// Ways to ask about the trade, where nobody tells of trouble of their own.
const TRADE_QUESTIONS: &[&str] = &[
    "do you do",
    "do you charge",
    "do you offer",
    "do you handle",
    "do you have",
    "do you provide",
    "do you fix",
    "do you repair",
    "do you take",
    "do you cover",
    "do you deal",
    "do you also",
    "do you guys",
    "do you work",
    "how much",
];

/// Ways to tell of trouble of one's own.
const OWN: &[&str] = &["it's", "it is", "this is", "i have", "we have", "my", "our"];

/// Words for an urgency that forms and models use beside its own.
const OTHER_WORDS: &[(&str, Urgency)] = &[
    ("flexible", Urgency::Low),
    ("whenever", Urgency::Low),
    ("none", Urgency::Low),
    ("medium", Urgency::Normal),
    ("moderate", Urgency::Normal),
    ("soon", Urgency::Normal),
    ("this week", Urgency::Normal),
    ("today", Urgency::High),
    ("critical", Urgency::Emergency),
    ("now", Urgency::Emergency),
];

impl Urgency {
    /// Reads an urgency that somebody was asked for.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let other = OTHER_WORDS.iter().find(|(words, _)| *words == text).map(|(_, urgency)| *urgency);
        Self::from_name(&text).or(other).or_else(|| Self::heard_in(&text))
    }

    /// Finds an urgency in what somebody wrote: the highest that is said, below what is denied.
    pub fn heard_in(text: &str) -> Option<Self> {
        let clauses = telling_clauses(text);
        let places = |words: &'static str| clauses.iter().flat_map(move |clause| places_in(clause, words));
        let (mut said, mut denied) = (Vec::new(), Vec::new());
        for (words, urgency) in WORDINGS {
            for before in places(words) {
                match urgency {
                    Self::Low => denied.push(Self::High),
                    other if is_denied(before) => denied.push(*other),
                    other => said.push(*other),
                }
            }
        }
        let troubles = TROUBLES.iter().flat_map(|words| places(words));
        said.extend(troubles.filter(|before| !is_denied(before)).map(|_| Self::Emergency));
        match denied.into_iter().min() {
            Some(least) => said.into_iter().filter(|one| *one < least).max().or(Some(Self::Low)),
            None => said.into_iter().max(),
        }
    }
}

/// Returns the clauses that may tell of trouble of somebody's own: in lower case, with a blank around each word.
fn telling_clauses(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('’', "'");
    let mut clauses = Vec::new();
    for sentence in text.split(['.', '!', '?', ';', '\n']) {
        let is_question = has_any(&plain(sentence), TRADE_QUESTIONS);
        let parts = sentence.split([',', ':', '(', ')', '–', '—']).map(plain);
        let parts = parts
            .flat_map(|part| part.split(" but ").map(|one| format!(" {} ", one.trim())).collect::<Vec<_>>());
        clauses.extend(parts.filter(|part| !is_question || tells_of_own(part)));
    }
    clauses
}

fn plain(text: &str) -> String {
    let letters: String =
        text.chars().map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' }).collect();
    format!(" {} ", letters.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn has_any(plain: &str, all: &[&str]) -> bool {
    all.iter().any(|words| plain.contains(&format!(" {words} ")))
}

fn tells_of_own(clause: &str) -> bool {
    has_any(clause, OWN) && !has_any(clause, &["if", "when"])
}

/// Returns what stands before each place of some words in a clause.
fn places_in<'a>(clause: &'a str, words: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let found: Vec<_> = clause.match_indices(&format!(" {words} ")).map(|(at, _)| at).collect();
    found.into_iter().filter_map(|at| clause.get(..at))
}

fn is_denied(before: &str) -> bool {
    let mut before = before;
    while let Some(rest) = FILLERS.iter().find_map(|word| without_last(before, word)) {
        before = rest;
    }
    DENIALS.iter().any(|words| without_last(before, words).is_some())
}

fn without_last<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    text.strip_suffix(words)?.strip_suffix(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgency_is_heard_and_its_denial_too() {
        for (text, urgency) in [
            ("It's an EMERGENCY!", Some(Urgency::Emergency)),
            ("please come ASAP.", Some(Urgency::High)),
            ("This is not urgent", Some(Urgency::Low)),
            ("it isn’t an emergency", Some(Urgency::Low)),
            ("Nothing urgent, just a quote", Some(Urgency::Low)),
            ("not really an emergency", Some(Urgency::Low)),
            ("It’s not that urgent", Some(Urgency::Low)),
            ("not very urgent", Some(Urgency::Low)),
            ("there is no emergency", Some(Urgency::Low)),
            ("I don't think it's an emergency", Some(Urgency::Low)),
            ("es ist nicht dringend", Some(Urgency::Low)),
            ("no es una emergencia", Some(Urgency::Low)),
            ("No rush at all", Some(Urgency::Low)),
            ("Not an emergency, but urgent", Some(Urgency::High)),
            ("no, it's urgent", Some(Urgency::High)),
            ("Not today but it is an emergency", Some(Urgency::Emergency)),
            ("not sure if it's an emergency", Some(Urgency::Emergency)),
            ("Do you charge more for emergency call-outs? Next month is fine", None),
            ("do you do emergency work", None),
            ("How much is it when it's an emergency?", None),
            ("Do you fix burst pipes?", None),
            ("Do you have time today, it's an emergency", Some(Urgency::Emergency)),
            ("Do you fix leaks? My pipe burst", Some(Urgency::Emergency)),
            ("a pipe burst", Some(Urgency::Emergency)),
            ("my kitchen is flooding!", Some(Urgency::Emergency)),
            ("The basement flooded", Some(Urgency::Emergency)),
            ("I think there's a gas leak", Some(Urgency::Emergency)),
            ("no flooding, just a drip", None),
            ("a flood light in the yard", None),
            ("my insurgent cat", None),
            ("", None),
        ] {
            assert_eq!(Urgency::heard_in(text), urgency, "{text}");
        }
        assert_eq!(Urgency::read(" Medium "), Some(Urgency::Normal));
        assert_eq!(Urgency::read("purple"), None);
    }
}
