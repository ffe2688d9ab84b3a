//! Finds in what was said when it would suit the contact.

use crate::{
    calendar::{self, Day},
    clock,
    words::{Sentence, listed},
};

/// When it would suit the contact, part by part, so that a correction replaces only what it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct When {
    /// "tomorrow", "Friday", "next week".
    pub(crate) day: Option<String>,
    /// "in the morning".
    part: Option<String>,
    /// "at 3 pm".
    clock: Option<String>,
    /// "as soon as possible", "any time": what is no point in time.
    loose: Option<String>,
}

/// A stretch of a sentence that speaks of time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    kind: Kind,
    said: String,
    start: usize,
    end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Day,
    /// Today and its parts: often told of the past.
    Now,
    Part,
    Clock,
    Loose,
}

impl When {
    /// Tells whether anything is known.
    pub(crate) fn is_known(&self) -> bool {
        *self != Self::default()
    }

    /// Takes in what was said later.
    pub(crate) fn update(&mut self, later: Self) {
        if later.loose.is_some() || (self.loose.is_some() && later.is_known()) {
            *self = later;
            return;
        }
        self.day = later.day.or(self.day.take());
        if later.part.is_some() || later.clock.is_some() {
            (self.part, self.clock) = (later.part, later.clock);
        }
    }

    /// Returns it in words.
    pub(crate) fn said(&self) -> String {
        let parts = [&self.day, &self.part, &self.clock, &self.loose];
        let said = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        // "Friday morning", but "in the morning" where no day is named.
        if self.day.is_some() { said.replace(" in the ", " ") } else { said }
    }
}

/// Returns the time that a sentence asks for; `asked` says whether a time was asked for just before.
pub(crate) fn told(sentence: &Sentence, asked: bool) -> Option<When> {
    let pieces = pieces(sentence, asked);
    let covered: usize = pieces.iter().map(|piece| piece.end - piece.start).sum();
    let others = sentence.words.len() - covered - fillers(sentence, &pieces);
    let is_wish = asked || others == 0 || sentence.has(WISHES);
    let is_past = sentence.has("was were happened started broke began since yesterday ago") && !is_wish;
    let has_day = pieces.iter().any(|piece| piece.kind == Kind::Day);
    let mut when = When::default();
    for piece in pieces {
        match piece.kind {
            Kind::Day if !is_past => add(&mut when.day, &piece.said, " or "),
            Kind::Now if is_wish => add(&mut when.day, &piece.said, " or "),
            Kind::Part if is_wish || (has_day && !is_past) => add(&mut when.part, &piece.said, " or "),
            Kind::Clock if is_wish || (has_day && !is_past) => add(&mut when.clock, &piece.said, " or "),
            Kind::Loose if is_wish => when.loose = Some(piece.said),
            Kind::Day | Kind::Now | Kind::Part | Kind::Clock | Kind::Loose => {}
        }
    }
    if when.day.is_some() || when.clock.is_some() {
        when.loose = None;
    }
    let shrugs = "i dont know|not sure|doesnt matter|dont care|you tell me|up to you|flexible";
    if asked && !when.is_known() && sentence.says_any(shrugs) {
        when.loose = Some("any time".to_owned());
    }
    when.is_known().then_some(when)
}

/// Returns which words of a sentence speak of time, with the small words that lead to them.
pub(crate) fn covered(sentence: &Sentence) -> Vec<bool> {
    let mut covered = vec![false; sentence.words.len()];
    let plain = sentence.plain();
    for piece in pieces(sentence, false) {
        let leads = plain.iter().take(piece.start).rev();
        let start = piece.start - leads.take_while(|word| listed("at on in by for the", word)).count();
        for word in covered.iter_mut().take(piece.end).skip(start) {
            *word = true;
        }
    }
    covered
}

const WISHES: &str = "can could come need want book schedule reschedule appointment available availability free please \
    visit works work prefer good would like meet see how actually instead make id";

const FILLERS: &str = "at on in the or and maybe yes yeah sure ok okay is fine good best works work for me would be great \
    please how about no actually i sometime any then thats lets say by instead make it do could prefer that around";

fn fillers(sentence: &Sentence, pieces: &[Piece]) -> usize {
    let is_free = |at: usize| pieces.iter().all(|piece| at < piece.start || piece.end <= at);
    let words = sentence.words.iter().enumerate();
    words.filter(|(at, word)| is_free(*at) && listed(FILLERS, &word.plain)).count()
}

fn add(slot: &mut Option<String>, said: &str, between: &str) {
    *slot = Some(match slot.take() {
        Some(before) if before != said => format!("{before}{between}{said}"),
        _ => said.to_owned(),
    });
}

fn pieces(sentence: &Sentence, asked: bool) -> Vec<Piece> {
    let plain = sentence.plain();
    let is_short_answer = asked && plain.len() <= 3;
    let mut pieces: Vec<Piece> = Vec::new();
    let mut start = 0;
    while let Some(rest) = plain.get(start..).filter(|rest| !rest.is_empty()) {
        let follows = |last: &Piece| last.end == start && last.kind != Kind::Clock;
        let near_day = is_short_answer
            || pieces.last().is_some_and(follows)
            || matches!(plain.get(..start), Some([.., "make", "it" | "that"]));
        let found = calendar_day(rest)
            .or_else(|| part(rest))
            .or_else(|| loose(rest))
            .or_else(|| clock::read(rest, near_day).map(|(said, used)| (Kind::Clock, said, used)));
        let Some((kind, said, used)) = found else {
            start += 1;
            continue;
        };
        let before = start.checked_sub(1).and_then(|before| plain.get(before)).copied().unwrap_or_default();
        if !listed("since last every all past until", before) {
            pieces.push(Piece { kind, said, start, end: start + used });
        }
        start += used;
    }
    pieces
}

fn calendar_day(words: &[&str]) -> Option<(Kind, String, usize)> {
    calendar::read(words).map(|(day, used)| match day {
        Day::Today(said) => (Kind::Now, said, used),
        Day::Other(said) => (Kind::Day, said, used),
    })
}

fn part(words: &[&str]) -> Option<(Kind, String, usize)> {
    let (early, rest) = match words {
        [early @ ("early" | "late"), rest @ ..] => (Some(*early), rest),
        rest => (None, rest),
    };
    let part = match *rest.first()? {
        "morning" | "mornings" => "morning",
        "afternoon" | "afternoons" => "afternoon",
        "evening" | "evenings" | "night" => "evening",
        _ => return None,
    };
    let said = early.map_or_else(|| format!("in the {part}"), |early| format!("in the {early} {part}"));
    Some((Kind::Part, said, usize::from(early.is_some()) + 1))
}

fn loose(words: &[&str]) -> Option<(Kind, String, usize)> {
    let soon = "as soon as possible";
    let (said, used) = match words {
        ["as", "soon", "as", "possible" | "you", ..] => (soon, 4),
        ["right", "away" | "now", ..] => (soon, 2),
        ["asap" | "immediately" | "now" | "soonest", ..] => (soon, 1),
        ["any", "time" | "day", ..] => ("any time", 2),
        ["anytime" | "whenever" | "anyday", ..] => ("any time", 1),
        _ => return None,
    };
    Some((Kind::Loose, said.to_owned(), used))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::sentences;

    fn heard(text: &str, asked: bool) -> Option<String> {
        sentences(text).iter().find_map(|sentence| told(sentence, asked)).map(|when| when.said())
    }

    #[test]
    fn a_time_is_heard_in_many_ways() {
        for (text, time) in [
            ("tomorrow at 3", "tomorrow at 3 pm"),
            ("Tomorrow at 3pm works for me", "tomorrow at 3 pm"),
            ("Friday morning", "Friday morning"),
            ("fri 10:30am", "Friday at 10:30 am"),
            ("asap please", "as soon as possible"),
            ("next week", "next week"),
            ("next Tuesday or Wednesday", "next Tuesday or Wednesday"),
            ("can you come today after 5?", "today after 5 pm"),
            ("in the afternoon", "in the afternoon"),
            ("between 2 and 4 tomorrow", "tomorrow between 2 pm and 4 pm"),
            ("March 3rd at noon", "March 3 at noon"),
            ("I need a haircut on Saturday", "Saturday"),
            ("10:30am", "at 10:30 am"),
            ("make it 6 instead", "at 6 pm"),
            ("any time", "any time"),
        ] {
            assert_eq!(heard(text, false).as_deref(), Some(time), "{text}");
        }
        assert_eq!(heard("I don't know", true).as_deref(), Some("any time"));
        assert_eq!(heard("3", true).as_deref(), Some("at 3 pm"));
        assert_eq!(heard("3", false), None);
    }

    #[test]
    fn what_happened_is_no_wish() {
        for text in [
            "it has been leaking since Friday",
            "it broke last Monday",
            "my pipe burst today",
            "it started on Monday",
            "there are 3 leaks",
            "it drips every morning",
        ] {
            assert_eq!(heard(text, false), None, "{text}");
        }
    }

    #[test]
    fn a_correction_replaces_what_it_names() {
        let mut when = told(&sentences("tomorrow at 3")[0], true).unwrap();
        when.update(told(&sentences("actually Thursday")[0], false).unwrap());
        assert_eq!(when.said(), "Thursday at 3 pm");
        when.update(told(&sentences("make it 4pm instead")[0], false).unwrap());
        assert_eq!(when.said(), "Thursday at 4 pm");
        when.update(told(&sentences("asap")[0], true).unwrap());
        assert_eq!(when.said(), "as soon as possible");
    }
}
