//! Finds in what was said what the contact needs, and puts it shortly.

use crate::{
    when,
    words::{Sentence, Word, find, listed, skip, stem},
};

/// The most letters of the contact's words that are repeated.
const LONGEST: usize = 60;

/// The most needs that are kept.
pub(crate) const MOST: usize = 3;

/// Stems of words that tell of something broken.
const PROBLEMS: &str = "leak clog block broke broken burst flood drip overflow jam crack stuck stop smell nois noise rattl \
    frozen froze freez damag fail rust stink hurt pain ache gush spray spill backed sewage sewer spark gas fire \
    smoke";

/// Phrases that tell of something broken.
const TROUBLES: &str = "not working|doesnt work|isnt working|stopped working|wont|no water|no hot water|\
    no heat|no power|out of order|carbon monoxide|low pressure|low water pressure|keeps running|not cooling|not heating";

/// Phrases that tell of a wish.
const WISHES: &str = "i need|we need|i want|we want|need to|id like|i would like|we would like|wed like|\
    looking for|looking to|can you|could you|can someone|could someone|can somebody|interested in|\
    help with|help me|book a|book an|schedule a|cancel my|reschedule my|quote for|estimate for|need a|need an|need some|need someone";

/// What a wish begins with that need not be repeated.
const LEADS: &str = "hi hello hey so well yes yeah ok okay actually sorry also please and but my our the a an some \
    i we id wed ive weve im need needs want would like to looking for can could you someone somebody help me us with \
    have has got there is theres its it guys come send get out over interested in about because think just really \
    maybe this that hoping want wanted wondering if possible book schedule make fast thanks who";

/// Words that say nothing by themselves.
const EMPTY: &str = "help someone somebody come please you today it that this thing something question questions here \
    there soon thanks out one know talk speak person human do be no nope yes sometime around then nothing none idk dunno";

/// Returns what a sentence says is needed; `asked` says whether that was asked for just before.
pub(crate) fn told(sentence: &Sentence, asked: bool) -> Vec<String> {
    let covered = when::covered(sentence);
    let words = sentence.words.iter().zip(covered).filter(|(_, covered)| !covered).map(|(word, _)| word);
    let clauses = clauses(words);
    let needs = clauses.iter().filter(|clause| is_wish_in(clause) || is_problem_in(clause));
    let needs: Vec<String> = needs.filter_map(|clause| put_shortly(clause)).take(MOST).collect();
    if !needs.is_empty() || !asked {
        return needs;
    }
    clauses.iter().filter_map(|clause| put_shortly(clause)).take(MOST).collect()
}

/// Returns a whole sentence as a need, for what fits no pattern.
pub(crate) fn whole(sentence: &Sentence) -> Option<String> {
    put_shortly(&sentence.words.iter().collect::<Vec<_>>())
}

/// Tells whether a sentence tells of something broken.
pub(crate) fn is_problem(sentence: &Sentence) -> bool {
    is_problem_in(&sentence.words.iter().collect::<Vec<_>>())
}

fn is_wish_in(clause: &[&Word]) -> bool {
    let plain: Vec<&str> = clause.iter().map(|word| word.plain.as_str()).collect();
    WISHES.split('|').any(|wish| find(&plain, wish).is_some())
}

fn is_problem_in(clause: &[&Word]) -> bool {
    let plain: Vec<&str> = clause.iter().map(|word| word.plain.as_str()).collect();
    plain.iter().any(|word| listed(PROBLEMS, stem(word)))
        || TROUBLES.split('|').any(|trouble| find(&plain, trouble).is_some())
}

/// Cuts at commas and where "and", "but" or "so" begins another clause.
fn clauses<'a>(words: impl Iterator<Item = &'a Word>) -> Vec<Vec<&'a Word>> {
    let words: Vec<&Word> = words.collect();
    let mut clauses = vec![Vec::new()];
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).map_or("", |next| next.plain.as_str());
        let joins = word.plain == "but"
            || word.plain == "so"
            || (word.plain == "and"
                && listed("i we can could my our the it its im also there please when", next));
        if joins {
            clauses.push(Vec::new());
            continue;
        }
        if let Some(clause) = clauses.last_mut() {
            clause.push(*word);
        }
        if word.ends_clause {
            clauses.push(Vec::new());
        }
    }
    clauses
}

/// "My kitchen sink is leaking" is put as "leaking kitchen sink".
fn put_shortly(clause: &[&Word]) -> Option<String> {
    let plain: Vec<&str> = clause.iter().map(|word| word.plain.as_str()).collect();
    let plain = match plain.as_slice() {
        // "No, my sink" corrects; "no hot water" is the matter itself.
        ["no", rest @ ..] if rest.first().is_some_and(|word| listed("my its it the i actually im", word)) => {
            rest
        }
        plain => plain,
    };
    let clause = clause.get(clause.len() - plain.len()..)?;
    let kept = skip(plain, LEADS).len();
    let clause = clause.get(plain.len() - kept..)?;
    let polite = clause
        .iter()
        .rev()
        .take_while(|word| listed("please thanks thank you asap help now", &word.plain))
        .count();
    let clause = clause.get(..clause.len() - polite)?;
    let is_request_to_talk =
        clause.first().is_some_and(|word| listed("tell explain let say answer ask", &word.plain));
    if is_request_to_talk
        || clause.iter().all(|word| listed(EMPTY, &word.plain) || listed(LEADS, &word.plain))
    {
        return None;
    }
    let words = turned(clause).unwrap_or_else(|| clause.iter().copied().map(neutral).collect());
    let need = clipped(&words);
    need.chars().any(char::is_alphabetic).then_some(need)
}

/// Turns "kitchen sink is leaking" round; `None` when it is built otherwise.
fn turned<'a>(clause: &[&'a Word]) -> Option<Vec<&'a str>> {
    let is =
        clause.iter().position(|word| listed("is are", &word.plain)).filter(|at| (1..=3).contains(at))?;
    let (what, rest) = clause.split_at_checked(is)?;
    let how = rest
        .iter()
        .skip(1)
        .find(|word| !listed("still now just badly completely totally really always", &word.plain))?;
    let is_last = rest.last().is_some_and(|last| std::ptr::eq(*last, *how));
    let fits = how.plain.ends_with("ing")
        || listed("clogged blocked broken stuck flooded frozen cracked jammed burst", &how.plain);
    (is_last
        && fits
        && !what.iter().any(|word| listed("it there water not mine this that everything", &word.plain)))
    .then(|| std::iter::once(*how).chain(what.iter().copied()).map(neutral).collect())
}

/// The notes are not the contact's own voice: "my" would be the receptionist's.
fn neutral(word: &Word) -> &str {
    if listed("my our", &word.plain) { "the" } else { &word.shown }
}

fn clipped(words: &[&str]) -> String {
    let mut need = String::new();
    for word in words {
        if need.chars().count() + word.chars().count() >= LONGEST {
            break;
        }
        if !need.is_empty() {
            need.push(' ');
        }
        need.push_str(word);
    }
    let shouts =
        need.chars().filter(|c| c.is_alphabetic()).count() > 4 && !need.chars().any(char::is_lowercase);
    if shouts { need.to_lowercase() } else { lower_first(&need) }
}

/// A sentence's first capital would stand in the middle of ours; that of a name or an abbreviation stays.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let is_word = letters.clone().take_while(|c| c.is_alphanumeric()).all(char::is_lowercase);
    if is_word { first.to_lowercase().chain(letters).collect() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::sentences;

    fn heard(text: &str, asked: bool) -> Vec<String> {
        sentences(text).iter().flat_map(|sentence| told(sentence, asked)).collect()
    }

    #[test]
    fn a_problem_or_a_wish_is_put_shortly() {
        for (text, need) in [
            ("my kitchen sink is leaking", "leaking kitchen sink"),
            ("Hi, my sink is still leaking!", "leaking sink"),
            ("My water heater stopped working", "water heater stopped working"),
            ("I need a haircut tomorrow at 3", "haircut"),
            ("can you fix my toilet please?", "fix the toilet"),
            ("I'd like to book an appointment for Friday", "appointment"),
            ("the toilet won't flush and I need someone asap", "toilet won't flush"),
            ("I have a clogged drain", "clogged drain"),
            ("MY SINK IS LEAKING", "leaking sink"),
            ("we have no hot water", "no hot water"),
            ("no, my drain is clogged", "clogged drain"),
            ("I want to cancel my appointment", "cancel the appointment"),
        ] {
            assert_eq!(heard(text, false), [need], "{text}");
        }
    }

    #[test]
    fn what_is_neither_is_no_need_unless_it_was_asked_for() {
        for text in ["hello there", "my name is Ann", "tomorrow at 3", "I need help", "thanks a lot"] {
            assert_eq!(heard(text, false), Vec::<String>::new(), "{text}");
        }
        assert_eq!(heard("two windows upstairs", true), ["two windows upstairs"]);
    }

    #[test]
    fn what_is_repeated_is_short() {
        let need = &heard(&format!("my sink is {}leaking", "very ".repeat(50)), false)[0];
        assert!(need.len() <= LONGEST);
        assert!(need.starts_with("sink is very"));
    }
}
