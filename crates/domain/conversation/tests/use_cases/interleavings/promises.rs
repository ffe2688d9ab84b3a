//! What holds at every moment, and what holds in the end.

use std::collections::BTreeMap;

use conversation::{Author, DeliveryState, Direction, Message};
use proptest::{prelude::TestCaseError, prop_assert, prop_assert_eq};

use super::event::Play;

impl Play {
    /// Checks what holds at every moment.
    pub(super) async fn check_so_far(&mut self) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.carrier.offences(), Vec::<String>::new());
        for message in self.all_messages().await {
            let now = (message.delivery_state, message.turn_id);
            let (state, turn) = self.seen.insert(message.id, now).unwrap_or(now);
            let waits_again = (state, now.0) == (DeliveryState::Unknown, DeliveryState::Queued);
            prop_assert!(waits_again || now.0.rank() >= state.rank(), "{state:?} fell to {:?}", now.0);
            prop_assert!(turn.is_none() || turn == message.turn_id, "a message was answered a second time");
        }
        Ok(())
    }

    /// Checks what holds once there is nothing left to do.
    pub(super) async fn check_the_end(&self) -> Result<(), TestCaseError> {
        let messages = self.all_messages().await;
        let taken = self.carrier.taken();
        for message in &messages {
            if message.direction == Direction::Inbound {
                prop_assert!(message.turn_id.is_some(), "a message was neither answered nor passed over");
                continue;
            }
            let was_taken = taken.contains_key(&message.id);
            match message.delivery_state {
                DeliveryState::Sent
                | DeliveryState::Delivered
                | DeliveryState::Undelivered
                | DeliveryState::Read => {
                    prop_assert!(was_taken, "counted as sent, and the carrier does not have it");
                }
                DeliveryState::Refused => {
                    prop_assert!(!was_taken, "counted as refused, and the carrier has it");
                }
                DeliveryState::Failed => {}
                open @ (DeliveryState::Queued | DeliveryState::Unknown | DeliveryState::Received) => {
                    prop_assert!(false, "a message was left {open:?}");
                }
            }
        }
        check_one_reply_each(&messages)
    }

    async fn all_messages(&self) -> Vec<Message> {
        let mut messages = Vec::new();
        for conversation in &self.conversations {
            messages.extend(self.desk.messages(*conversation).await);
        }
        messages
    }
}

/// No turn writes two replies, and no message is answered by two.
fn check_one_reply_each(messages: &[Message]) -> Result<(), TestCaseError> {
    let mut by_turn = BTreeMap::new();
    let mut by_line = BTreeMap::new();
    for message in messages.iter().filter(|message| message.author == Author::Bot) {
        let echo = message.body.text.strip_prefix("You said: ");
        if echo.is_some() || message.body.text.starts_with("Sorry, I cannot answer") {
            *by_turn.entry(message.turn_id).or_insert(0) += 1;
        }
        for line in echo.into_iter().flat_map(str::lines).filter(|line| line.starts_with("message ")) {
            *by_line.entry(line.to_owned()).or_insert(0) += 1;
        }
    }
    prop_assert!(by_turn.iter().all(|(turn, replies)| turn.is_some() && *replies == 1), "{by_turn:?}");
    prop_assert!(by_line.values().all(|replies| *replies == 1), "{by_line:?}");
    Ok(())
}
