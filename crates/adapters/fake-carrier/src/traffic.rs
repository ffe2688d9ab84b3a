//! Everything that has happened at the carrier: messages, and who has opted out of whom.

use std::{collections::HashSet, io, path::Path};

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    journal::Journal,
    keyword::Keyword,
    message::{CarrierMessage, MessageDirection, MessageStatus},
};

/// Something that happened and is remembered.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    /// A message was taken.
    Message(CarrierMessage),
    /// A customer wants nothing more of a business.
    OptedOut(Parties),
    /// A customer wants to hear from a business again.
    OptedIn(Parties),
}

/// A customer's number and a business's.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Parties {
    /// The customer's number.
    pub(crate) customer: String,
    /// The business's number.
    pub(crate) business: String,
}

/// What the carrier knows. What is journalled happens only once it is written.
pub(crate) struct Traffic {
    messages: Vec<CarrierMessage>,
    opted_out: HashSet<Parties>,
    journal: Option<Journal>,
}

impl Traffic {
    /// Starts with what the journal holds, or with nothing.
    ///
    /// # Errors
    /// When the journal cannot be used.
    pub(crate) fn open(journal: Option<&Path>) -> io::Result<Self> {
        let mut traffic = Self { messages: Vec::new(), opted_out: HashSet::new(), journal: None };
        if let Some(path) = journal {
            let (journal, entries) = Journal::open(path)?;
            for entry in entries {
                traffic.replay(entry);
            }
            traffic.journal = Some(journal);
        }
        Ok(traffic)
    }

    /// Takes a message.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub(crate) fn take(&mut self, message: CarrierMessage) -> io::Result<()> {
        self.record(Entry::Message(message))
    }

    /// Acts on a word of a customer's; returns whether the carrier answers it.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub(crate) fn obey(&mut self, keyword: Keyword, parties: &Parties) -> io::Result<bool> {
        let is_out = self.opted_out.contains(parties);
        match keyword {
            Keyword::Stop if !is_out => self.record(Entry::OptedOut(parties.clone()))?,
            Keyword::Start if is_out => self.record(Entry::OptedIn(parties.clone()))?,
            Keyword::Stop | Keyword::Start => return Ok(false),
            Keyword::Help => {}
        }
        Ok(true)
    }

    /// Writes how far a message has come. It does not go back.
    pub(crate) fn advance(&mut self, sid: &str, status: MessageStatus, at: Timestamp) {
        let found = self.messages.iter_mut().rev().find(|message| message.sid == sid);
        if let Some(message) = found.filter(|message| message.status != MessageStatus::Delivered) {
            message.status = status;
            message.updated_at = at;
            message.sent_at.get_or_insert(at);
        }
    }

    /// Tells whether a customer has opted out of a business's messages.
    pub(crate) fn is_opted_out(&self, parties: &Parties) -> bool {
        self.opted_out.contains(parties)
    }

    /// Returns all messages, oldest first.
    pub(crate) fn messages(&self) -> &[CarrierMessage] {
        &self.messages
    }

    fn record(&mut self, entry: Entry) -> io::Result<()> {
        if let Some(journal) = &mut self.journal {
            journal.append(&entry)?;
        }
        self.apply(entry);
        Ok(())
    }

    fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Message(message) => self.messages.push(message),
            Entry::OptedOut(parties) => {
                self.opted_out.insert(parties);
            }
            Entry::OptedIn(parties) => {
                self.opted_out.remove(&parties);
            }
        }
    }

    /// A carrier does not stop when its customer's server does: by now the message has arrived.
    fn replay(&mut self, mut entry: Entry) {
        if let Entry::Message(message) = &mut entry
            && message.direction != MessageDirection::Inbound
        {
            message.status = MessageStatus::Delivered;
            message.sent_at.get_or_insert(message.created_at);
        }
        self.apply(entry);
    }
}
