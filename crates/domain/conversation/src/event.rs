//! What happens in conversations, as events that others hear of.

use kernel::{DomainEvent, EventFact, EventId, EventName};
use serde::{Deserialize, Serialize};

use crate::{
    conversation::Conversation,
    handoff::Handoff,
    message::{Direction, Message},
    tools::CapturedFact,
    turn::{TurnCommit, TurnContext},
};

/// A turn has answered, or decided to be silent.
pub const TURN_COMMITTED: EventName = EventName { name: "turn.committed", version: 1 };
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
    /// What the model understood of it.
    pub captured: Vec<CapturedFact>,
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
    captured: &[CapturedFact],
) -> DomainEvent {
    let count = |count: usize| EventFact::Number(i64::try_from(count).unwrap_or(i64::MAX));
    let usage = &commit.usage;
    let heard = TurnHeard {
        address: context.conversation.address.reachable(),
        contact_name: context
            .contact_name
            .as_ref()
            .map(|name| (name.text.clone(), name.source.as_str().to_owned())),
        texts: texts(context),
        captured: captured.to_vec(),
    };
    let mut facts = about(&context.conversation);
    facts.extend([
        ("turn_id", EventFact::Id(commit.turn.id.uuid())),
        ("outcome", EventFact::Word(commit.turn.outcome.as_str())),
        ("messages_in", count(commit.answered.len())),
        ("messages_out", count(commit.outbound.len())),
        ("tokens_in", EventFact::Number(usage.tokens.input.into())),
        ("tokens_out", EventFact::Number(usage.tokens.output.into())),
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
fn texts(context: &TurnContext) -> Vec<String> {
    let is_new = |message: &Message| context.unanswered.iter().any(|other| other.id == message.id);
    let is_reachable = context.conversation.address.reachable().is_some();
    let before = context
        .history
        .iter()
        .filter(|message| !is_reachable && message.direction == Direction::Inbound && !is_new(message));
    before.chain(&context.unanswered).map(|message| message.body.text.clone()).collect()
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

fn about(conversation: &Conversation) -> Vec<(&'static str, EventFact)> {
    vec![
        ("conversation_id", EventFact::Id(conversation.id.uuid())),
        ("contact_id", EventFact::Id(conversation.contact_id.uuid())),
        ("channel", EventFact::Word(conversation.channel.as_str())),
    ]
}
