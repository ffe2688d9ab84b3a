//! One thread between a contact and one of the tenant's addresses.

use chrono::TimeDelta;
use kernel::{BindingId, ContactId, ConversationId, Timestamp};
use tenancy::{Address, AuditAction, Channel};

use crate::{
    contact::ContactName,
    error::ConversationError,
    message::{NewOutbound, stored_names},
    summary::Summary,
};

/// Whether a thread goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConversationStatus {
    /// It goes on. At most one thread of a contact's address and a tenant's address is open.
    Open,
    /// It is over; the next message opens a new thread.
    Closed,
    /// It is over and out of sight.
    Archived,
}

stored_names!(ConversationStatus: Open = "open", Closed = "closed", Archived = "archived");

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The receptionist.
    Bot,
    /// A person; the receptionist is silent.
    Human,
}

stored_names!(Owner: Bot = "bot", Human = "human");

/// One thread between a contact and one of the tenant's addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The conversation's id.
    pub id: ConversationId,
    /// With whom.
    pub contact_id: ContactId,
    /// On which of the tenant's addresses.
    pub binding_id: BindingId,
    /// On which channel.
    pub channel: Channel,
    /// Where the contact is reached.
    pub address: Address,
    /// Whether it goes on.
    pub status: ConversationStatus,
    /// Who answers.
    pub owner: Owner,
    /// When it began.
    pub created_at: Timestamp,
    /// When the last message was received or written.
    pub last_message_at: Timestamp,
    /// Rises when status or owner changes; a save or a commit of a stale one conflicts.
    pub version: i64,
}

/// A change of a conversation about to be saved, together with the message that comes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationChange {
    /// The conversation.
    pub id: ConversationId,
    /// The version that was read.
    pub read_version: i64,
    /// The status from now on.
    pub status: ConversationStatus,
    /// The owner from now on.
    pub owner: Owner,
    /// Messages that are written with the change.
    pub outbound: Vec<NewOutbound>,
    /// As what it goes into the audit log.
    pub action: AuditAction,
}

/// A conversation with what a list shows of its contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationView {
    /// The conversation.
    pub conversation: Conversation,
    /// The contact's name, once known.
    pub contact_name: Option<ContactName>,
    /// What was said before the last messages, once there are many.
    pub summary: Option<Summary>,
}

impl Conversation {
    /// Returns the time of what a person says now. A visitor's page asks for what was said after the last that it has seen, so
    /// in web chat nothing may stand before that, though the clock of who wrote it is ahead. Elsewhere it is the time itself:
    /// what waits to leave is due at it.
    pub fn person_says_at(&self, now: Timestamp) -> Timestamp {
        match self.channel {
            Channel::WebChat => now.max(self.last_message_at + TimeDelta::microseconds(1)),
            Channel::Sms | Channel::WhatsApp | Channel::Voice => now,
        }
    }

    /// A person answers: the person takes ownership in the same change.
    ///
    /// # Errors
    /// When the conversation is over; reopen it first.
    pub fn answer_in_person(
        &self,
        outbound: Vec<NewOutbound>,
    ) -> Result<ConversationChange, ConversationError> {
        if self.status != ConversationStatus::Open {
            return Err(ConversationError::Closed);
        }
        Ok(ConversationChange {
            outbound,
            ..self.change(self.status, Owner::Human, AuditAction::ConversationAnswered)
        })
    }

    /// The receptionist falls silent until resumed. Pausing again changes nothing.
    pub fn pause(&self) -> Option<ConversationChange> {
        (self.owner != Owner::Human)
            .then(|| self.change(self.status, Owner::Human, AuditAction::ConversationPaused))
    }

    /// The receptionist answers again, from the next message on. Resuming again changes nothing.
    pub fn resume(&self) -> Option<ConversationChange> {
        (self.owner != Owner::Bot)
            .then(|| self.change(self.status, Owner::Bot, AuditAction::ConversationResumed))
    }

    /// The thread is over. Closing again changes nothing.
    pub fn close(&self) -> Option<ConversationChange> {
        (self.status == ConversationStatus::Open)
            .then(|| self.change(ConversationStatus::Closed, self.owner, AuditAction::ConversationClosed))
    }

    /// The thread goes on, with the receptionist. Reopening an open one changes nothing.
    pub fn reopen(&self) -> Option<ConversationChange> {
        (self.status != ConversationStatus::Open)
            .then(|| self.change(ConversationStatus::Open, Owner::Bot, AuditAction::ConversationReopened))
    }

    fn change(&self, status: ConversationStatus, owner: Owner, action: AuditAction) -> ConversationChange {
        ConversationChange {
            id: self.id,
            read_version: self.version,
            status,
            owner,
            outbound: Vec::new(),
            action,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{
        Clock as _, IdGenerator as _, MessageId,
        testing::{CountingIds, ManualClock},
    };

    use super::*;
    use crate::{DeliveryState, Purpose};

    fn conversation(status: ConversationStatus, owner: Owner) -> Conversation {
        let (ids, now) = (CountingIds::default(), ManualClock::default().now());
        Conversation {
            id: ConversationId::new(ids.next()),
            contact_id: ContactId::new(ids.next()),
            binding_id: BindingId::new(ids.next()),
            channel: Channel::Sms,
            address: Address::from_carrier("+15557654321"),
            status,
            owner,
            created_at: now,
            last_message_at: now,
            version: 7,
        }
    }

    fn state(change: Option<ConversationChange>) -> Option<(ConversationStatus, Owner)> {
        change.map(|change| (change.status, change.owner))
    }

    #[test]
    fn a_persons_answer_takes_ownership_with_the_message_and_the_version_that_was_read() {
        let message = NewOutbound {
            id: MessageId::new(CountingIds::new(1).next()),
            text: "I am on my way".into(),
            purpose: Purpose::PersonReply,
            state: DeliveryState::Queued,
            at: ManualClock::default().now(),
        };
        let open = conversation(ConversationStatus::Open, Owner::Bot);
        let change = open.answer_in_person(vec![message.clone()]).unwrap();
        assert_eq!((change.id, change.read_version, change.owner), (open.id, 7, Owner::Human));
        assert_eq!(change.outbound, [message]);
    }

    #[test]
    fn nobody_answers_in_a_conversation_that_is_over() {
        for status in [ConversationStatus::Closed, ConversationStatus::Archived] {
            let over = conversation(status, Owner::Bot);
            assert!(matches!(over.answer_in_person(Vec::new()), Err(ConversationError::Closed)));
        }
    }

    #[test]
    fn pausing_and_resuming_change_the_owner_only_and_once() {
        use ConversationStatus::{Closed, Open};
        for status in [Open, Closed] {
            let (bots, persons) = (conversation(status, Owner::Bot), conversation(status, Owner::Human));
            assert_eq!(state(bots.pause()), Some((status, Owner::Human)));
            assert_eq!(state(persons.resume()), Some((status, Owner::Bot)));
            assert_eq!((bots.resume(), persons.pause()), (None, None));
        }
    }

    #[test]
    fn closing_keeps_the_owner_and_reopening_gives_it_to_the_bot() {
        use ConversationStatus::{Archived, Closed, Open};
        assert_eq!(state(conversation(Open, Owner::Human).close()), Some((Closed, Owner::Human)));
        assert_eq!(state(conversation(Closed, Owner::Human).reopen()), Some((Open, Owner::Bot)));
        assert_eq!(state(conversation(Archived, Owner::Human).reopen()), Some((Open, Owner::Bot)));
    }

    #[test]
    fn what_is_over_is_not_closed_and_what_is_open_is_not_reopened() {
        use ConversationStatus::{Archived, Closed, Open};
        assert_eq!(conversation(Closed, Owner::Bot).close(), None);
        assert_eq!(conversation(Archived, Owner::Bot).close(), None);
        assert_eq!(conversation(Open, Owner::Human).reopen(), None);
    }
}
