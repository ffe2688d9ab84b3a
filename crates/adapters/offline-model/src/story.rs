//! Reads a transcript from its beginning: what is known, what was asked, and what is to be answered.

use chrono::TimeDelta;
use conversation::{Author, Line, ModelRequest};

use crate::{
    clean,
    facts::{Facts, Heard},
    question::Question,
    words::{Sentence, listed, sentences},
};

/// After so long a silence it is about something else.
const NEW_MATTER_AFTER: TimeDelta = TimeDelta::days(7);

/// A transcript, understood.
#[derive(Debug)]
pub(crate) struct Story {
    /// What was known before the turn that is to be answered.
    pub(crate) before: Facts,
    /// What is known with it.
    pub(crate) facts: Facts,
    /// What else the turn says.
    pub(crate) heard: Heard,
    /// The turn's sentences.
    pub(crate) said: Vec<Sentence>,
    /// Whether the turn holds anything to see.
    pub(crate) is_blank: bool,
    /// How many pictures or files came with it.
    pub(crate) attachments: usize,
    /// What was asked before it.
    pub(crate) asked: Option<Question>,
    /// Every question that was asked so far.
    pub(crate) all_asked: Vec<Question>,
    /// Whether nobody has answered the contact before.
    pub(crate) is_first: bool,
    /// Whether the last answer was the safety text.
    pub(crate) was_warned: bool,
}

impl Story {
    /// Reads the transcript of a request.
    pub(crate) fn read(request: &ModelRequest) -> Self {
        let lines = &request.transcript;
        let start = lines.len().saturating_sub(request.unanswered.max(1));
        let (past, turn) = lines.split_at_checked(start).unwrap_or((lines, &[]));
        let turn: Vec<&Line> = turn.iter().filter(|line| line.author == Author::Contact).collect();
        let (mut facts, mut asked) = remembered(past, request);
        if is_new_matter(past, &turn) {
            facts.begin_anew();
            asked = None;
        }
        let before = facts.clone();
        let said = sentences(&joined(&turn));
        let heard = facts.hear(&said, asked, &request.business);
        let has_earlier = request.earlier.is_some();
        let answers = || past.iter().filter(|line| line.author != Author::Contact);
        Self {
            before,
            facts,
            heard,
            said,
            is_blank: turn.iter().all(|line| clean::visible(&line.text).trim().is_empty()),
            attachments: turn.iter().map(|line| line.attachments).sum(),
            asked,
            all_asked: answers().filter_map(|line| Question::asked_in(&line.text)).collect(),
            is_first: answers().next().is_none() && !has_earlier,
            was_warned: answers().next_back().is_some_and(|line| line.text.contains(crate::safety::WARNING)),
        }
    }
}

/// Returns what the lines before the turn told, and the question that waits for an answer.
fn remembered(past: &[Line], request: &ModelRequest) -> (Facts, Option<Question>) {
    let mut facts = Facts::default();
    let mut asked = None;
    if let Some(earlier) = &request.earlier {
        facts.hear(&sentences(earlier), None, &request.business);
    }
    for group in past.chunk_by(|a, b| (a.author == Author::Contact) == (b.author == Author::Contact)) {
        let group: Vec<&Line> = group.iter().collect();
        if group.iter().all(|line| line.author == Author::Contact) {
            facts.hear(&sentences(&joined(&group)), asked.take(), &request.business);
        } else {
            asked = group.iter().rev().find_map(|line| Question::asked_in(&line.text));
        }
    }
    (facts, asked)
}

fn is_new_matter(past: &[Line], turn: &[&Line]) -> bool {
    let silence = past.last().zip(turn.first()).map(|(last, first)| first.at.signed_duration_since(last.at));
    silence.is_some_and(|silence| silence > NEW_MATTER_AFTER)
}

/// Joins the lines of a turn: people send a sentence in pieces ("my sink", "is leaking").
fn joined(lines: &[&Line]) -> String {
    let mut text = String::new();
    for line in lines {
        if !text.is_empty() {
            text.push(if continues(&text, &line.text) { ' ' } else { '\n' });
        }
        text.push_str(line.text.trim());
    }
    text
}

fn continues(before: &str, after: &str) -> bool {
    let last_line = before.lines().next_back().unwrap_or_default();
    if last_line.ends_with(['.', '!', '?']) {
        return false;
    }
    let plain = |text: &str| sentences(text).first().map(|s| s.plain().join(" ")).unwrap_or_default();
    let (before, after) = (plain(last_line), plain(after));
    let goes_on = "is are was isnt arent wont doesnt has hasnt keeps and but in on at with because broke leaks from for to of \
        under near that which when after before between around";
    let hangs = "my our the a an is are to and in of with for need i have from at on its it";
    let names_a_thing =
        before.split(' ').count() <= 3 && listed("my our the", before.split(' ').next().unwrap_or_default());
    listed(goes_on, after.split(' ').next().unwrap_or_default())
        || listed(hangs, before.split(' ').next_back().unwrap_or_default())
        || names_a_thing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Talk;

    #[test]
    fn fragments_are_read_as_one_sentence() {
        let mut talk = Talk::new();
        for text in ["hi", "my sink", "is leaking"] {
            talk.line(Author::Contact, text, 0);
        }
        let story = Story::read(&talk.request);
        assert_eq!(story.facts.needs, ["leaking sink"]);
        assert!(story.is_first);
    }

    #[test]
    fn after_a_long_silence_the_name_stays_and_the_matter_goes() {
        let mut talk = Talk::new();
        talk.say("my name is Ann, my sink is leaking");
        talk.request.now += TimeDelta::days(8);
        talk.line(Author::Contact, "hello", 0);
        let story = Story::read(&talk.request);
        assert_eq!(story.facts.name.as_deref(), Some("Ann"));
        assert_eq!(story.facts.needs, Vec::<String>::new());
    }

    #[test]
    fn more_unanswered_lines_than_there_are_is_no_fault() {
        let mut talk = Talk::new();
        talk.line(Author::Contact, "hi", 0);
        talk.request.unanswered = 99;
        assert_eq!(Story::read(&talk.request).said.len(), 1);
        talk.request.transcript.clear();
        assert!(Story::read(&talk.request).is_blank);
    }
}
