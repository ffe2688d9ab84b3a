//! One reply to what has been said.

use std::collections::HashMap;

use kernel::{DomainEvent, MessageId, Timestamp, TurnId};

use crate::{
    allowance::Cost,
    consent::Consent,
    contact::ContactName,
    conversation::Conversation,
    handoff::Handoff,
    message::{Direction, Message, NewOutbound, Purpose, stored_names},
    model::TokenUsage,
    send_gate::RefusedSend,
    summary::Summary,
    tools::Language,
};

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TurnOutcome {
    /// Something was written.
    Replied,
    /// Nothing was written, for a reason that is recorded or follows from the conversation's owner.
    Silent,
}

stored_names!(TurnOutcome: Replied = "replied", Silent = "silent");

/// One reply to what has been said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The turn's id.
    pub id: TurnId,
    /// How it ended.
    pub outcome: TurnOutcome,
    /// When it was claimed.
    pub started_at: Timestamp,
    /// When it was committed.
    pub committed_at: Timestamp,
}

/// What a turn needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnContext {
    /// The conversation.
    pub conversation: Conversation,
    /// Whether the tenant's address is switched on.
    pub channel_is_active: bool,
    /// The contact's name, once known.
    pub contact_name: Option<ContactName>,
    /// The language that the contact wants, once known.
    pub language: Option<Language>,
    /// Whether the contact's address may be written to.
    pub consent: Consent,
    /// What was said before the last messages, once there are many.
    pub summary: Option<Summary>,
    /// The last messages, oldest first, the unanswered among them.
    pub history: Vec<Message>,
    /// Inbound messages that no turn has answered, oldest first.
    pub unanswered: Vec<Message>,
}

impl TurnContext {
    /// Returns those of the last messages that have been answered and that no summary covers, oldest first. An answer comes
    /// right after what it answers, whatever the clocks say of those who took the one in and wrote the other.
    pub(crate) fn uncovered(&self) -> Vec<&Message> {
        let mut asked_at: HashMap<TurnId, Timestamp> = HashMap::new();
        for message in self.history.iter().filter(|message| message.direction == Direction::Inbound) {
            if let Some(turn) = message.turn_id {
                let last = asked_at.entry(turn).or_insert(message.created_at);
                *last = message.created_at.max(*last);
            }
        }
        let place = |message: &&Message| {
            let is_answer = message.direction == Direction::Outbound;
            let asked_at = message.turn_id.filter(|_| is_answer).and_then(|turn| asked_at.get(&turn));
            (asked_at.copied().unwrap_or(message.created_at), is_answer, message.created_at, message.id)
        };
        // What came in while this was being read is the next turn's.
        let is_answered =
            |message: &Message| message.direction == Direction::Outbound || message.turn_id.is_some();
        let is_covered =
            |message: &Message| self.summary.as_ref().is_some_and(|summary| summary.covers(message));
        let uncovered = self.history.iter().filter(|message| is_answered(message) && !is_covered(message));
        let mut uncovered: Vec<_> = uncovered.collect();
        uncovered.sort_by_key(place);
        uncovered
    }
}

/// What a model has read and written in a turn, and what that costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// The model, in its provider's words; empty for the one in the box.
    pub model: String,
    /// Tokens read and written.
    pub tokens: TokenUsage,
    /// What they cost.
    pub cost: Cost,
}

/// What a turn has used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnUsage {
    /// Which model wrote, in its provider's words; empty for the one in the box and for a turn without a model.
    pub model: String,
    /// What each model has read and written: the one that wrote, and others that were asked on the way.
    pub spent: Vec<Spent>,
}

impl TurnUsage {
    /// Returns how many tokens were read and written, by all models.
    pub fn tokens(&self) -> TokenUsage {
        self.spent.iter().fold(TokenUsage::default(), |mut total, one| {
            total += one.tokens;
            total
        })
    }
}

/// What a turn writes, all or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnCommit {
    /// The turn.
    pub turn: Turn,
    /// The conversation's version that the turn was made from.
    pub read_version: i64,
    /// The inbound messages that it answers.
    pub answered: Vec<MessageId>,
    /// What it writes.
    pub outbound: Vec<NewOutbound>,
    /// What it would have written.
    pub refused: Option<RefusedSend>,
    /// A name that was understood, if it may replace the one that is known.
    pub contact_name: Option<ContactName>,
    /// The language that the contact wants from now on.
    pub language: Option<Language>,
    /// A person is wanted, and answers from now on.
    pub handoff: Option<Handoff>,
    /// Whether it writes the confirmation of an opt-out.
    pub confirms_consent: bool,
    /// What it has used.
    pub usage: TurnUsage,
    /// What others are to hear of it.
    pub events: Vec<DomainEvent>,
}

impl TurnCommit {
    /// Tells whether the receptionist answers in words of its own, which a notice is not.
    pub fn is_answer(&self) -> bool {
        let is_answer = |one: &NewOutbound| matches!(one.purpose, Purpose::Reply | Purpose::Handover);
        self.outbound.iter().any(is_answer)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::{
        BindingId, Clock as _, ContactId, ConversationId, IdGenerator as _, MessageId,
        testing::{CountingIds, ManualClock},
    };
    use tenancy::{Address, Channel};

    use super::*;
    use crate::{Author, Body, ConversationStatus, DeliveryState, InboundIntent, Owner};

    /// A context whose history is written down as who said what, in which turn, after so many seconds.
    fn context(history: &[(Author, &str, Option<u128>, i64)]) -> TurnContext {
        let (ids, at) = (CountingIds::default(), ManualClock::default().now());
        let conversation = Conversation {
            id: ConversationId::new(ids.next()),
            contact_id: ContactId::new(ids.next()),
            binding_id: BindingId::new(ids.next()),
            channel: Channel::Sms,
            address: Address::from_carrier("+15557654321"),
            status: ConversationStatus::Open,
            owner: Owner::Bot,
            created_at: at,
            last_message_at: at,
            version: 1,
        };
        let message = |(author, text, turn, seconds): &(Author, &str, Option<u128>, i64)| Message {
            id: MessageId::new(ids.next()),
            conversation_id: conversation.id,
            direction: if *author == Author::Contact { Direction::Inbound } else { Direction::Outbound },
            author: *author,
            body: Body { text: (*text).to_owned(), ..Body::default() },
            intent: InboundIntent::Ordinary,
            carrier_answered: false,
            delivery_state: DeliveryState::Received,
            provider_message_id: None,
            error_code: None,
            turn_id: turn.map(|turn| TurnId::new(uuid::Uuid::from_u128(turn))),
            created_at: at + TimeDelta::seconds(*seconds),
        };
        let history = history.iter().map(message).collect();
        TurnContext {
            conversation,
            channel_is_active: true,
            contact_name: None,
            language: None,
            consent: Consent::default(),
            summary: None,
            history,
            unanswered: Vec::new(),
        }
    }

    fn texts(context: &TurnContext) -> Vec<&str> {
        context.uncovered().into_iter().map(|message| message.body.text.as_str()).collect()
    }

    #[test]
    fn what_came_in_after_the_unanswered_were_read_is_the_next_turns() {
        let mut context = context(&[
            (Author::Contact, "first", Some(1), 0),
            (Author::Bot, "answer", Some(1), 1),
            (Author::Contact, "late", None, 2),
            (Author::Contact, "asked", None, 3),
        ]);
        context.unanswered.extend(context.history.last().cloned());
        assert_eq!(texts(&context), ["first", "answer"]);
    }

    #[test]
    fn an_answer_stands_right_behind_the_last_of_what_it_answers() {
        let context = context(&[
            (Author::Bot, "answer 1", Some(1), -600),
            (Author::Contact, "question 1", Some(1), 0),
            (Author::Contact, "question 1 goes on", Some(1), 2),
            (Author::Human, "by hand", None, 3),
            (Author::Contact, "question 2", Some(2), 4),
            (Author::Contact, "question 3", Some(3), 5),
            (Author::Bot, "answer 3", Some(3), 6),
            (Author::Bot, "answer 2", Some(2), 600),
        ]);
        let expected = [
            "question 1",
            "question 1 goes on",
            "answer 1",
            "by hand",
            "question 2",
            "answer 2",
            "question 3",
            "answer 3",
        ];
        assert_eq!(texts(&context), expected);
    }
}
