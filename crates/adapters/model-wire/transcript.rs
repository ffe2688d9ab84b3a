//! The transcript as the two sides of a chat, which take turns.

use conversation::{Author, Line, ModelRequest};

/// What stands in the place of the contact's first words when the business has spoken first, or nobody has: services
/// want the contact's side to begin.
const BEGINNING: &str = "[The conversation begins.]";

/// What stands before what was said before the transcript. It is on the contact's side: their words are in it.
const EARLIER: &str = "[What was said before, in short:";

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The contact.
    Contact,
    /// The model, or a person of the business in its place.
    Business,
}

/// All that one side said before the other did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Speech {
    /// Who.
    pub(crate) side: Side,
    /// What, a line each.
    pub(crate) text: String,
}

/// Returns the transcript, consecutive lines of one side made one.
pub(crate) fn speeches(request: &ModelRequest) -> Vec<Speech> {
    let mut speeches: Vec<Speech> = Vec::new();
    let earlier = request.earlier.iter().map(|text| (Side::Contact, format!("{EARLIER} {text}]")));
    let lines = request.transcript.iter().map(|line| (side_of(line.author), words_of(line)));
    for (side, text) in earlier.chain(lines) {
        match speeches.last_mut() {
            Some(last) if last.side == side => {
                last.text.push('\n');
                last.text.push_str(&text);
            }
            Some(_) | None => speeches.push(Speech { side, text }),
        }
    }
    if speeches.first().is_none_or(|first| first.side == Side::Business) {
        speeches.insert(0, Speech { side: Side::Contact, text: BEGINNING.to_owned() });
    }
    speeches
}

fn side_of(author: Author) -> Side {
    match author {
        Author::Contact => Side::Contact,
        Author::Bot | Author::Human => Side::Business,
    }
}

fn words_of(line: &Line) -> String {
    let note = match line.attachments {
        0 => return line.text.clone(),
        1 => "[1 attachment, not shown]".to_owned(),
        count => format!("[{count} attachments, not shown]"),
    };
    if line.text.is_empty() { note } else { format!("{} {note}", line.text) }
}
