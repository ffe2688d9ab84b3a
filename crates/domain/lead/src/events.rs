//! What happens to leads, as it is told to whoever wants to know. Nothing personal is in it.

use kernel::{ConversationId, DomainEvent, EventFact, EventId, EventName, Timestamp};

use crate::{Field, Lead, LeadStatus};

/// A lead was heard of for the first time.
pub const LEAD_CAPTURED: EventName = EventName { name: "lead.captured", version: 1 };
/// More is known of a lead, or notes or tags changed: `fields` has the fields that were told, if any were.
pub const LEAD_UPDATED: EventName = EventName { name: "lead.updated", version: 2 };
/// A lead has another status: `from` and `to`.
pub const LEAD_STATUS_CHANGED: EventName = EventName { name: "lead.status_changed", version: 1 };
/// Another lead, `merged_lead_id`, is part of this one now.
pub const LEAD_MERGED: EventName = EventName { name: "lead.merged", version: 1 };
/// Another lead, `unmerged_lead_id`, is no part of this one any more.
pub const LEAD_UNMERGED: EventName = EventName { name: "lead.unmerged", version: 1 };
/// All that was known of a lead was removed.
pub const LEAD_DELETED: EventName = EventName { name: "lead.deleted", version: 1 };

/// What has happened to a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happened {
    Captured(Option<ConversationId>),
    Updated(Vec<Field>),
    StatusChanged(LeadStatus),
    Merged(kernel::LeadId),
    Unmerged(kernel::LeadId),
    Deleted,
}

/// Tells what has happened to a lead, as it is now.
pub(crate) fn event(id: EventId, at: Timestamp, lead: &Lead, happened: &Happened) -> DomainEvent {
    let mut facts = vec![("lead_id", EventFact::Id(lead.id().uuid()))];
    let word = |text| EventFact::Word(text);
    let name = match happened {
        Happened::Captured(conversation) => {
            facts.push(("source", word(lead.source().as_str())));
            facts.extend(conversation.map(|id| ("conversation_id", EventFact::Id(id.uuid()))));
            LEAD_CAPTURED
        }
        Happened::Updated(fields) => {
            let fields = fields.iter().map(|field| field.as_str()).collect();
            facts.push(("fields", EventFact::Words(fields)));
            LEAD_UPDATED
        }
        Happened::StatusChanged(from) => {
            facts.extend([("from", word(from.as_str())), ("to", word(lead.status().as_str()))]);
            LEAD_STATUS_CHANGED
        }
        Happened::Merged(other) => {
            facts.push(("merged_lead_id", EventFact::Id(other.uuid())));
            LEAD_MERGED
        }
        Happened::Unmerged(other) => {
            facts.push(("unmerged_lead_id", EventFact::Id(other.uuid())));
            LEAD_UNMERGED
        }
        Happened::Deleted => LEAD_DELETED,
    };
    if !matches!(happened, Happened::Deleted) {
        facts.push(("score", EventFact::Number(i64::from(lead.score().total()))));
    }
    DomainEvent { id, name, at, facts, private: None }
}
