//! What happens in conversations, as events that others hear of.

use kernel::{ContactId, ConversationId, DomainEvent, EventFact, EventId, EventName, MessageId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    consent::ConsentChange,
    conversation::Conversation,
    conversation_store::NewInbound,
    handoff::Handoff,
    message::{DeliveryState, Direction, Message},
    send_gate::RefusedSend,
    tools::CapturedFact,
    turn::{TurnCommit, TurnContext},
};

/// A turn has answered, or decided to be silent.
pub const TURN_COMMITTED: EventName = EventName { name: "turn.committed", version: 1 };
/// Somebody has written, and no conversation with them was open.
pub const CONVERSATION_OPENED: EventName = EventName { name: "conversation.opened", version: 1 };
/// What was said before the last messages has been summed up.
pub const CONVERSATION_SUMMARIZED: EventName = EventName { name: "conversation.summarized", version: 1 };
/// Somebody has written.
pub const MESSAGE_RECEIVED: EventName = EventName { name: "message.received", version: 1 };
/// More is known of what became of a message that goes out.
pub const MESSAGE_DELIVERY_CHANGED: EventName = EventName { name: "message.delivery_changed", version: 1 };
/// Somebody wants messages, or none, and has said so.
pub const CONSENT_CHANGED: EventName = EventName { name: "consent.changed", version: 1 };
/// More is known of a contact, by what was said.
pub const CONTACT_CHANGED: EventName = EventName { name: "contact.changed", version: 1 };
/// A message was not sent.
pub const SEND_REFUSED: EventName = EventName { name: "send.refused", version: 1 };
/// The receptionist has given a conversation to a person.
pub const HANDOFF_REQUESTED: EventName = EventName { name: "handoff.requested", version: 1 };

/// What a turn has heard, for other domains of the same tenant: the private part of [`TURN_COMMITTED`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnHeard {
    /// Where the contact is reached, where that is a phone number or an e-mail address.
    pub address: Option<String>,
    /// The contact's name as it was known before, and how it was known.
    pub contact_name: Option<(String, String)>,
    /// What the contact said, oldest first; of one who cannot be reached also what was said before.
    pub texts: Vec<String>,
    /// When each of the texts came in.
    #[serde(default)]
    pub texts_at: Vec<Timestamp>,
    /// How many of the texts, the first ones, were said before.
    #[serde(default)]
    pub earlier: usize,
    /// What the model understood of it.
    pub captured: Vec<CapturedFact>,
    /// Whether the conversation is about to be longer than what a model is shown, so that it is to be summed up.
    #[serde(default)]
    pub is_long: bool,
}

impl std::fmt::Debug for TurnHeard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TurnHeard({} texts, {} facts)", self.texts.len(), self.captured.len())
    }
}

/// Tells of a turn that is being committed.
pub(crate) fn turn_committed(
    id: EventId,
    context: &TurnContext,
    commit: &TurnCommit,
    (captured, is_long): (&[CapturedFact], bool),
) -> DomainEvent {
    let count = |count: usize| EventFact::Number(i64::try_from(count).unwrap_or(i64::MAX));
    let tokens = commit.usage.tokens();
    let said = said(context);
    let heard = TurnHeard {
        address: context.conversation.address.reachable(),
        contact_name: context
            .contact_name
            .as_ref()
            .map(|name| (name.text.clone(), name.source.as_str().to_owned())),
        texts: said.iter().map(|message| message.body.text.clone()).collect(),
        texts_at: said.iter().map(|message| message.created_at).collect(),
        earlier: said.len().saturating_sub(context.unanswered.len()),
        captured: captured.to_vec(),
        is_long,
    };
    let mut facts = about(&context.conversation);
    facts.extend([
        ("turn_id", EventFact::Id(commit.turn.id.uuid())),
        ("outcome", EventFact::Word(commit.turn.outcome.as_str())),
        ("messages_in", count(commit.answered.len())),
        ("messages_out", count(commit.outbound.len())),
        ("tokens_in", EventFact::Number(tokens.input.into())),
        ("tokens_out", EventFact::Number(tokens.output.into())),
    ]);
    DomainEvent {
        id,
        name: TURN_COMMITTED,
        at: commit.turn.committed_at,
        facts,
        // Serialising texts cannot fail; nothing is better than a turn that is not committed for it.
        private: serde_json::to_string(&heard).ok(),
    }
}

/// Returns what the contact said. Who cannot be reached may say in one turn who it is and in the next how to reach them,
/// so of them what came before is told again.
fn said(context: &TurnContext) -> Vec<&Message> {
    let is_new = |message: &Message| context.unanswered.iter().any(|other| other.id == message.id);
    let is_reachable = context.conversation.address.reachable().is_some();
    let before = context
        .history
        .iter()
        .filter(|message| !is_reachable && message.direction == Direction::Inbound && !is_new(message));
    before.chain(&context.unanswered).collect()
}

/// Tells of a conversation that was summed up.
pub(crate) fn conversation_summarized(
    id: EventId,
    conversation: &Conversation,
    at: Timestamp,
) -> DomainEvent {
    DomainEvent { id, name: CONVERSATION_SUMMARIZED, at, facts: about(conversation), private: None }
}

/// Tells of a conversation that a person is wanted in.
pub(crate) fn handoff_requested(id: EventId, conversation: &Conversation, handoff: &Handoff) -> DomainEvent {
    let mut facts = about(conversation);
    facts.extend([
        ("handoff_id", EventFact::Id(handoff.id.uuid())),
        ("reason", EventFact::Word(handoff.reason.as_str())),
    ]);
    DomainEvent { id, name: HANDOFF_REQUESTED, at: handoff.at, facts, private: None }
}

/// Tells that a turn has learnt something of a contact: a name, a language.
pub(crate) fn contact_changed(id: EventId, conversation: &Conversation, at: Timestamp) -> DomainEvent {
    DomainEvent { id, name: CONTACT_CHANGED, at, facts: about(conversation), private: None }
}

/// Tells that somebody has written. The event's id is the message's, so whatever stores the message can tell of it.
pub fn message_received(
    inbound: &NewInbound,
    conversation: ConversationId,
    contact: ContactId,
) -> DomainEvent {
    let mut facts = of_inbound(inbound, conversation, contact);
    facts.push(("message_id", EventFact::Id(inbound.message_id.uuid())));
    DomainEvent {
        id: EventId::new(inbound.message_id.uuid()),
        name: MESSAGE_RECEIVED,
        at: inbound.received_at,
        facts,
        private: None,
    }
}

/// Tells that a message has opened a conversation. The event's id is the conversation's.
pub fn conversation_opened(inbound: &NewInbound, contact: ContactId) -> DomainEvent {
    let conversation = inbound.conversation_id;
    DomainEvent {
        id: EventId::new(conversation.uuid()),
        name: CONVERSATION_OPENED,
        at: inbound.received_at,
        facts: of_inbound(inbound, conversation, contact),
        private: None,
    }
}

/// Tells that somebody in a conversation wants messages, or none. The event's id is the line's in the consent ledger.
pub fn consent_changed(change: &ConsentChange, conversation: ConversationId) -> DomainEvent {
    let entry = change.entry_id.uuid();
    DomainEvent {
        id: EventId::new(entry),
        name: CONSENT_CHANGED,
        at: change.at,
        facts: vec![
            ("consent_id", EventFact::Id(entry)),
            ("conversation_id", EventFact::Id(conversation.uuid())),
        ],
        private: None,
    }
}

/// Tells what became of a message that goes out.
pub fn delivery_changed(
    id: EventId,
    (conversation, message): (ConversationId, MessageId),
    state: DeliveryState,
    at: Timestamp,
) -> DomainEvent {
    DomainEvent {
        id,
        name: MESSAGE_DELIVERY_CHANGED,
        at,
        facts: vec![
            ("conversation_id", EventFact::Id(conversation.uuid())),
            ("message_id", EventFact::Id(message.uuid())),
            ("delivery_state", EventFact::Word(state.as_str())),
        ],
        private: None,
    }
}

/// Tells that a message was not sent, and why; what it would have said is not told. The event's id is the refused send's.
pub fn send_refused(refused: &RefusedSend, conversation: ConversationId) -> DomainEvent {
    let id = refused.id.uuid();
    let mut facts = vec![
        ("refused_send_id", EventFact::Id(id)),
        ("conversation_id", EventFact::Id(conversation.uuid())),
        ("reason", EventFact::Word(refused.reason.as_str())),
    ];
    facts.extend(refused.message_id.map(|message| ("message_id", EventFact::Id(message.uuid()))));
    DomainEvent { id: EventId::new(id), name: SEND_REFUSED, at: refused.at, facts, private: None }
}

fn of_inbound(
    inbound: &NewInbound,
    conversation: ConversationId,
    contact: ContactId,
) -> Vec<(&'static str, EventFact)> {
    vec![
        ("conversation_id", EventFact::Id(conversation.uuid())),
        ("contact_id", EventFact::Id(contact.uuid())),
        ("channel", EventFact::Word(inbound.channel.as_str())),
    ]
}

fn about(conversation: &Conversation) -> Vec<(&'static str, EventFact)> {
    vec![
        ("conversation_id", EventFact::Id(conversation.id.uuid())),
        ("contact_id", EventFact::Id(conversation.contact_id.uuid())),
        ("channel", EventFact::Word(conversation.channel.as_str())),
    ]
}
