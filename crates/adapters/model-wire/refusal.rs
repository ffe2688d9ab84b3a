//! What a service says when it says no, without anything of what it was asked.

use std::time::Duration;

use conversation::{ModelError, ModelRequest};

use super::failure::Unreadable;

/// The longest detail that is kept, in characters.
const MAX_DETAIL: usize = 200;
/// So many words in a row are a quotation.
const QUOTATION: usize = 3;

/// What a service says in the body of a refusal.
#[derive(Default)]
pub(crate) struct Said {
    /// Its own word for what is wrong.
    pub(crate) code: Option<String>,
    /// Its own sentence.
    pub(crate) detail: Option<String>,
    /// How long it asks to wait.
    pub(crate) patience: Option<Duration>,
}

/// Returns what a refusal means.
pub(crate) fn meaning(status: u16, said: Said, request: &ModelRequest) -> ModelError {
    match status {
        429 => ModelError::RateLimited { retry_after: said.patience },
        408 | 409 | 500..=599 => Unreadable::Status(status).into(),
        400..=499 => ModelError::Rejected {
            code: said.code.filter(|code| is_word(code)).unwrap_or_else(|| format!("http_{status}")),
            detail: detail(said.detail.as_deref().unwrap_or_default(), request),
        },
        _ => Unreadable::Status(status).into(),
    }
}

/// Tells whether a text is a word such as services have for what is wrong, and no sentence that may quote.
fn is_word(text: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    (1..=64).contains(&text.len()) && text.chars().all(fits)
}

fn detail(said: &str, request: &ModelRequest) -> String {
    if quotes(said, request) {
        return "its words repeat what it was asked".to_owned();
    }
    said.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MAX_DETAIL).collect()
}

/// Tells whether a service's sentence repeats what it was asked: several words in a row, a word with a digit or an `@`,
/// or a part of the contact's name.
fn quotes(said: &str, request: &ModelRequest) -> bool {
    let said = words(said);
    let repeats = |text: &str| {
        let asked = words(text);
        let length = QUOTATION.min(asked.len()).max(1);
        asked.windows(length).any(|run| said.windows(length).any(|other| other == run))
            || asked.iter().any(|word| is_telling(word) && said.contains(word))
    };
    let lines = request.transcript.iter().map(|line| line.text.clone());
    let rounds = request.rounds.iter().flat_map(|round| {
        let calls = round.calls.iter().map(|call| call.arguments.to_string());
        let results = round.results.iter().map(|result| result.content.to_string());
        calls.chain(results).chain([round.text.clone()])
    });
    let name = request.contact_name.as_deref().map(words).unwrap_or_default();
    name.iter().any(|word| said.contains(word))
        || lines.chain(rounds).chain([request.instructions.clone()]).any(|text| repeats(&text))
}

fn words(text: &str) -> Vec<String> {
    let split = text.split(|letter: char| !letter.is_alphanumeric() && letter != '@');
    split.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

fn is_telling(word: &str) -> bool {
    word.len() >= 4 && word.contains(|letter: char| letter.is_ascii_digit() || letter == '@')
}
