//! Notices when two machines answer one another, so that they stop by themselves.

use chrono::TimeDelta;
use kernel::Timestamp;

use crate::message::{Author, Direction, Message};

/// Replies within [`WINDOW`] that no person would provoke.
const MOST_REPLIES: usize = 20;
/// Messages of the contact within [`WINDOW`] that no person writes. Those that a halted machine goes on to send
/// crowd our replies out of the history, so they count by themselves.
const MOST_INBOUND: usize = 40;
/// The stretch of time that messages are counted over.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// So many times in a row the same words after our answers: no person does that.
const MOST_REPEATS: usize = 4;
/// The same for a word or two: a person may say yes to many questions.
const MOST_SHORT_REPEATS: usize = 12;

/// Tells whether a conversation looks like two machines answering one another.
///
/// `history` is what was said, oldest first, the unanswered messages included.
pub fn is_looping(history: &[Message], now: Timestamp) -> bool {
    too_much_at_once(history, now) || same_words_again(history) || our_own_words_back(history)
}

fn too_much_at_once(history: &[Message], now: Timestamp) -> bool {
    let recent = || history.iter().filter(|message| now - message.created_at < WINDOW);
    let mut turns: Vec<_> =
        recent().filter(|message| message.author == Author::Bot).map(|message| message.turn_id).collect();
    // A long reply is several messages of one turn.
    turns.dedup();
    let inbound = recent().filter(|message| message.direction == Direction::Inbound).count();
    turns.len() >= MOST_REPLIES || inbound > MOST_INBOUND
}

fn same_words_again(history: &[Message]) -> bool {
    let Some(last) = history.iter().rfind(|message| message.direction == Direction::Inbound) else { return false };
    let is_short = last.body.text.split_whitespace().count() <= 2;
    let most = if is_short { MOST_SHORT_REPEATS } else { MOST_REPEATS };
    // Somebody impatient repeats too, but not after each of our answers.
    let repeats = history
        .windows(2)
        .rev()
        .filter_map(|pair| match pair {
            [before, theirs] if theirs.direction == Direction::Inbound => Some((before, theirs)),
            _ => None,
        })
        .take_while(|(_, theirs)| theirs.body == last.body)
        .filter(|(before, _)| before.author == Author::Bot)
        .count();
    !last.body.text.is_empty() && repeats >= most
}

fn our_own_words_back(history: &[Message]) -> bool {
    let echoes = history
        .windows(2)
        .rev()
        .filter_map(|pair| match pair {
            [ours, theirs] if ours.author == Author::Bot && theirs.direction == Direction::Inbound => {
                Some(ours.body.text == theirs.body.text)
            }
            _ => None,
        })
        .take_while(|is_echo| *is_echo)
        .count();
    echoes >= 2
}
