//! One reply to what has been said.

use kernel::{DomainEvent, MessageId, Timestamp, TurnId};

use crate::{
    consent::Consent,
    contact::ContactName,
    conversation::Conversation,
    handoff::Handoff,
    message::{Message, NewOutbound, stored_names},
    model::TokenUsage,
    send_gate::RefusedSend,
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
    /// The last messages, oldest first, the unanswered among them.
    pub history: Vec<Message>,
    /// Inbound messages that no turn has answered, oldest first.
    pub unanswered: Vec<Message>,
}

/// What a turn has cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnUsage {
    /// Tokens read and written.
    pub tokens: TokenUsage,
    /// Which model wrote, in its provider's words; empty for the one in the box and for a turn without a model.
    pub model: String,
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
    /// What it has cost.
    pub usage: TurnUsage,
    /// What others are to hear of it.
    pub events: Vec<DomainEvent>,
}
