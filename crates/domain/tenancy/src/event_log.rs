//! What has happened in a tenant, in an order in which readers can go on from where they were.

use std::{fmt, str::FromStr};

use async_trait::async_trait;
use kernel::{EventId, StoreError, TenantId, Timestamp};

use crate::{PlatformScope, TenantScope};

/// Where a reader is. Whoever has read up to a position misses nothing by going on from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventPosition {
    /// What the store counts first; always 0 where one count is enough.
    pub round: i64,
    /// What it counts within that.
    pub place: i64,
}

impl EventPosition {
    /// Before everything.
    pub const START: Self = Self { round: 0, place: 0 };
}

/// Writes it as readers give it back.
impl fmt::Display for EventPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.round, self.place)
    }
}

/// Why a text is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write the id of an event as it was received, two numbers with a hyphen between them")]
pub struct NoPosition;

impl FromStr for EventPosition {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let number = |digits: &str| {
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| is_number).ok_or(NoPosition)
        };
        let (round, place) = text.split_once('-').ok_or(NoPosition)?;
        Ok(Self { round: number(round)?, place: number(place)? })
    }
}

/// An event as it was recorded. It holds no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Where it stands.
    pub position: EventPosition,
    /// The event's id.
    pub id: EventId,
    /// What has happened, as in `lead.captured`.
    pub name: String,
    /// By which version of the name's schema it is written.
    pub version: u16,
    /// When.
    pub at: Timestamp,
    /// To what, and how much of it: a JSON object of texts, numbers and lists of texts.
    pub facts: String,
}

/// Reads what has happened. Stores write it, each in the transaction of the change: an adapter MUST record an event for
/// every audited action that [`AuditAction::is_told`](crate::AuditAction::is_told) allows, whoever did it, with the resource's
/// id under the resource's name (`conversation_id` of `conversation.closed`).
///
/// An adapter MUST show a reader nothing that something could still appear before, and everything after a while: a writer
/// that has taken its position and not yet committed holds readers up.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Returns what has happened in a tenant after a position, in order, at most `limit` events.
    ///
    /// # Errors
    /// When the store fails.
    async fn read_events(
        &self,
        scope: &TenantScope,
        after: EventPosition,
        limit: u16,
    ) -> Result<Vec<RecordedEvent>, StoreError>;

    /// Returns the position of now: what is already shown lies before it, what will be shown lies after it.
    ///
    /// # Errors
    /// When the store fails.
    async fn last_position(&self, platform: &PlatformScope) -> Result<EventPosition, StoreError>;

    /// Returns in which tenants something has happened after a position, in order, at most `limit` events.
    ///
    /// # Errors
    /// When the store fails.
    async fn news(
        &self,
        platform: &PlatformScope,
        after: EventPosition,
        limit: u16,
    ) -> Result<Vec<(EventPosition, TenantId)>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_is_written() {
        let position = EventPosition { round: 7, place: 42 };
        assert_eq!(position.to_string(), "7-42");
        assert_eq!("7-42".parse(), Ok(position));
        for text in ["", "-", "7", "7-", "-7-1", "7-+1", "7-42-1", "x-1", "99999999999999999999-1"] {
            assert_eq!(text.parse::<EventPosition>(), Err(NoPosition), "{text}");
        }
    }
}
