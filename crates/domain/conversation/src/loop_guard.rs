//! Notices when two machines answer one another, so that they stop by themselves.

use chrono::TimeDelta;
use kernel::Timestamp;

use crate::message::{Author, Direction, Message};

/// Replies within [`WINDOW`] that no person would provoke.
const MOST_REPLIES: usize = 20;
/// The stretch of time that replies are counted over.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// So many times in a row the same words, or our own words back: no person does that.
const MOST_REPEATS: usize = 4;

/// Tells whether a conversation looks like two machines answering one another.
///
/// `history` is what was said, oldest first, the unanswered messages included.
pub fn is_looping(history: &[Message], now: Timestamp) -> bool {
    too_many_replies(history, now) || same_words_again(history) || our_own_words_back(history)
}

fn too_many_replies(history: &[Message], now: Timestamp) -> bool {
    let replies =
        history.iter().filter(|message| message.author == Author::Bot && now - message.created_at < WINDOW).count();
    replies >= MOST_REPLIES
}

fn same_words_again(history: &[Message]) -> bool {
    let mut inbound = history.iter().rev().filter(|message| message.direction == Direction::Inbound);
    let Some(last) = inbound.next() else { return false };
    let repeats = inbound.take_while(|message| message.body == last.body).count() + 1;
    // Somebody impatient repeats too, but not after each of our answers.
    let answered = history.iter().filter(|message| message.author == Author::Bot).count();
    !last.body.text.is_empty() && repeats > MOST_REPEATS && answered >= MOST_REPEATS
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
