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
    let Some(last) = history.iter().rfind(|message| message.direction == Direction::Inbound) else {
        return false;
    };
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

#[cfg(test)]
mod tests {
    use kernel::{
        Clock as _, ConversationId, IdGenerator as _, MessageId, TurnId,
        testing::{CountingIds, ManualClock},
    };

    use super::*;
    use crate::{Attachment, Body, DeliveryState, InboundIntent};

    /// A history that is written as `("they", …)` and `("we", …)`, ten seconds apart.
    struct Talk {
        clock: ManualClock,
        ids: CountingIds,
        said: Vec<Message>,
    }

    impl Talk {
        fn new() -> Self {
            Self { clock: ManualClock::default(), ids: CountingIds::default(), said: Vec::new() }
        }

        fn say(&mut self, author: Author, text: &str) -> &mut Message {
            let direction = if author == Author::Contact { Direction::Inbound } else { Direction::Outbound };
            let turn_id = Some(TurnId::new(self.ids.next()));
            self.said.push(Message {
                id: MessageId::new(self.ids.next()),
                conversation_id: ConversationId::new(self.ids.next()),
                direction,
                author,
                body: Body { text: text.into(), attachments: Vec::new() },
                intent: InboundIntent::Ordinary,
                carrier_answered: false,
                delivery_state: DeliveryState::Received,
                provider_message_id: None,
                error_code: None,
                turn_id,
                created_at: self.clock.now(),
            });
            self.clock.advance(TimeDelta::seconds(10));
            self.said.last_mut().unwrap()
        }

        fn they(&mut self, text: &str) {
            self.say(Author::Contact, text);
        }

        fn we(&mut self, text: &str) {
            self.say(Author::Bot, text);
        }

        fn is_looping(&self) -> bool {
            is_looping(&self.said, self.clock.now())
        }
    }

    #[test]
    fn an_empty_history_is_no_loop() {
        assert!(!Talk::new().is_looping());
    }

    #[test]
    fn twenty_replies_in_ten_minutes_are_a_loop_until_the_minutes_have_passed() {
        let mut talk = Talk::new();
        for reply in 0..20 {
            assert!(!talk.is_looping(), "after {reply} replies");
            talk.they(&format!("question {reply}"));
            talk.we(&format!("answer {reply}"));
        }
        assert!(talk.is_looping());
        talk.clock.advance(WINDOW);
        assert!(!talk.is_looping());
    }

    #[test]
    fn the_messages_of_one_turn_are_one_reply() {
        let mut talk = Talk::new();
        for part in 0..30 {
            let turn = Some(TurnId::new(uuid::Uuid::from_u128(part / 10)));
            talk.say(Author::Bot, &format!("part {part}")).turn_id = turn;
        }
        assert!(!talk.is_looping());
    }

    #[test]
    fn a_persons_answers_are_no_loop() {
        let mut talk = Talk::new();
        for answer in 0..30 {
            talk.say(Author::Human, &format!("answer {answer}"));
        }
        assert!(!talk.is_looping());
    }

    #[test]
    fn forty_one_messages_in_ten_minutes_are_a_machines() {
        let mut talk = Talk::new();
        for message in 0..41 {
            assert!(!talk.is_looping(), "after {message} messages");
            talk.they(&format!("alert {message}"));
        }
        assert!(talk.is_looping());
    }

    #[test]
    fn the_same_sentence_after_four_answers_is_a_loop_whatever_the_time_between() {
        let mut talk = Talk::new();
        for answer in 0..4 {
            talk.we(&format!("answer {answer}"));
            assert!(!talk.is_looping());
            talk.they("We are out of office today.");
            talk.clock.advance(WINDOW);
        }
        assert!(talk.is_looping());
        talk.they("I am back, what was it?");
        assert!(!talk.is_looping(), "other words end the loop");
    }

    #[test]
    fn a_word_or_two_may_be_said_eleven_times() {
        for word in ["yes", "no thanks", "👍"] {
            let mut talk = Talk::new();
            for question in 0..11 {
                talk.we(&format!("question {question}"));
                talk.they(word);
            }
            talk.clock.advance(WINDOW);
            assert!(!talk.is_looping(), "{word}");
            talk.we("one more question");
            talk.they(word);
            assert!(talk.is_looping(), "{word}");
        }
    }

    #[test]
    fn repeats_that_we_have_not_answered_are_impatience() {
        let mut talk = Talk::new();
        for answer in 0..5 {
            talk.they(&format!("question {answer}"));
            talk.we(&format!("answer {answer}"));
        }
        for _ in 0..10 {
            talk.they("Is anybody there to help me?");
        }
        assert!(!talk.is_looping());
    }

    #[test]
    fn pictures_without_words_are_no_repeats() {
        let mut talk = Talk::new();
        for picture in 0..15 {
            talk.we(&format!("answer {picture}"));
            let attachment =
                Attachment { url: "https://example.com/1".into(), content_type: "image/jpeg".into() };
            talk.say(Author::Contact, "").body.attachments.push(attachment);
        }
        assert!(!talk.is_looping());
    }

    #[test]
    fn our_own_words_back_twice_are_a_loop_and_once_is_a_quotation() {
        let mut talk = Talk::new();
        talk.we("We open at nine.");
        talk.they("We open at nine.");
        assert!(!talk.is_looping());
        talk.we("Yes, at nine.");
        talk.they("Yes, at nine.");
        assert!(talk.is_looping());
    }
}
