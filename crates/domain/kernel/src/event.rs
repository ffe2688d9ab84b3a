//! What has happened, told to whoever wants to know: live pages, figures, other domains.

use serde::Serialize;
use uuid::Uuid;

use crate::{clock::Timestamp, id::EventId};

/// What an event is called, and by which version of its schema it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventName {
    /// The stable name: a resource and what was done, as in `lead.captured`. It is never used for anything else.
    pub name: &'static str,
    /// The version of the schema: it rises when a fact is taken away or means something else, not when one is added.
    pub version: u16,
}

/// One fact of an event. There is none of free text: events are shown, counted and passed on, and hold no personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum EventFact {
    /// What it is about.
    Id(Uuid),
    /// One of a fixed set of words.
    Word(&'static str),
    /// Several of a fixed set of words.
    Words(Vec<&'static str>),
    /// A count.
    Number(i64),
}

/// Something that has happened. It is stored in the transaction of the change that it tells of.
#[derive(Clone, PartialEq, Eq)]
pub struct DomainEvent {
    /// The event's id; by it whoever handles an event twice notices.
    pub id: EventId,
    /// What has happened.
    pub name: EventName,
    /// When.
    pub at: Timestamp,
    /// To what, and how much of it: names in snake case, each once.
    pub facts: Vec<(&'static str, EventFact)>,
    /// What only other domains of the same tenant may read, as JSON; kept sealed and never shown.
    pub private: Option<String>,
}

/// Shows nothing of what is private: debug output ends in logs.
impl std::fmt::Debug for DomainEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DomainEvent")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("at", &self.at)
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}
