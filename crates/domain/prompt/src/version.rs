//! One numbered version of a prompt, and how it comes into production.

use kernel::{PromptVersionId, TenantId, Timestamp};

use crate::{PromptChannel, PromptContent, PromptError, names::stored_names};

/// How far a version has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VersionStatus {
    /// Being written. Only now its content may change.
    Draft,
    /// Being tried.
    Testing,
    /// What the receptionist goes by.
    Production,
    /// It was in production once.
    Retired,
}

stored_names!(VersionStatus:
    Draft = "draft",
    Testing = "testing",
    Production = "production",
    Retired = "retired",
);

/// Whose prompt it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PromptOwner {
    /// The platform's: the base that every tenant begins with.
    Platform,
    /// One tenant's.
    Tenant(TenantId),
}

/// A draft that the store is to number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDraft {
    /// The version's id.
    pub id: PromptVersionId,
    /// The channel that it is for.
    pub channel: PromptChannel,
    /// What it says.
    pub content: PromptContent,
    /// What its author says about it.
    pub note: String,
    /// The number of the version that it was made from.
    pub based_on: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Everything that a store keeps of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVersion {
    /// The version's id.
    pub id: PromptVersionId,
    /// Whose it is.
    pub owner: PromptOwner,
    /// The channel that it is for.
    pub channel: PromptChannel,
    /// Its number among those of the same owner and channel, from 1.
    pub number: u32,
    /// How far it has come.
    pub status: VersionStatus,
    /// What it says.
    pub content: PromptContent,
    /// What its author says about it.
    pub note: String,
    /// The number of the version that it was made from.
    pub based_on: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// When it last came into production.
    pub published_at: Option<Timestamp>,
    /// The revision that was read; a save of a stale one conflicts.
    pub revision: i64,
}

/// One numbered version of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptVersion(StoredVersion);

impl PromptVersion {
    /// The longest note, in characters.
    pub const MAX_NOTE: usize = 500;

    /// Makes a draft with the number that a store has found for it.
    pub fn draft(owner: PromptOwner, number: u32, new: NewDraft) -> Self {
        Self(StoredVersion {
            id: new.id,
            owner,
            channel: new.channel,
            number,
            status: VersionStatus::Draft,
            content: new.content,
            note: new.note,
            based_on: new.based_on,
            created_at: new.created_at,
            changed_at: new.created_at,
            published_at: None,
            revision: 0,
        })
    }

    /// Rebuilds a version from what a store kept.
    pub fn from_stored(stored: StoredVersion) -> Self {
        Self(stored)
    }

    /// Returns all that a store keeps.
    pub fn stored(&self) -> &StoredVersion {
        &self.0
    }

    /// Makes a new draft of what this version says, whatever its status.
    pub fn draft_from(&self, id: PromptVersionId, at: Timestamp) -> NewDraft {
        NewDraft {
            id,
            channel: self.0.channel,
            content: self.0.content.clone(),
            note: String::new(),
            based_on: Some(self.0.number),
            created_at: at,
        }
    }

    /// Changes what the draft says.
    ///
    /// # Errors
    /// [`PromptError::WrongStatus`] unless it is a draft.
    pub fn edit(&mut self, content: PromptContent, note: String, at: Timestamp) -> Result<(), PromptError> {
        self.require(VersionStatus::Draft)?;
        self.0.content = content;
        self.0.note = note;
        self.0.changed_at = at;
        Ok(())
    }

    /// Hands the draft over to be tried. Its content never changes again.
    ///
    /// # Errors
    /// [`PromptError::WrongStatus`] unless it is a draft.
    pub fn submit(&mut self, at: Timestamp) -> Result<(), PromptError> {
        self.step(VersionStatus::Draft, VersionStatus::Testing, at)
    }

    /// Brings the version into production. The store retires the former one in the same step.
    ///
    /// # Errors
    /// [`PromptError::WrongStatus`] unless it is being tried.
    pub fn publish(&mut self, at: Timestamp) -> Result<(), PromptError> {
        self.step(VersionStatus::Testing, VersionStatus::Production, at)?;
        self.0.published_at = Some(at);
        Ok(())
    }

    /// Brings a retired version back into production. The store retires the present one in the same step.
    ///
    /// # Errors
    /// [`PromptError::WrongStatus`] unless it is retired.
    pub fn roll_back(&mut self, at: Timestamp) -> Result<(), PromptError> {
        self.step(VersionStatus::Retired, VersionStatus::Production, at)?;
        self.0.published_at = Some(at);
        Ok(())
    }

    /// Takes the version out of production, for stores that put another in its place.
    ///
    /// # Errors
    /// [`PromptError::WrongStatus`] unless it is in production.
    pub fn retire(&mut self, at: Timestamp) -> Result<(), PromptError> {
        self.step(VersionStatus::Production, VersionStatus::Retired, at)
    }

    /// Returns the version as a store has it after one more write.
    #[must_use]
    pub fn saved(mut self) -> Self {
        self.0.revision += 1;
        self
    }

    /// Returns the version's id.
    pub fn id(&self) -> PromptVersionId {
        self.0.id
    }

    /// Returns whose it is.
    pub fn owner(&self) -> PromptOwner {
        self.0.owner
    }

    /// Returns the channel that it is for.
    pub fn channel(&self) -> PromptChannel {
        self.0.channel
    }

    /// Returns its number among those of the same owner and channel.
    pub fn number(&self) -> u32 {
        self.0.number
    }

    /// Returns how far it has come.
    pub fn status(&self) -> VersionStatus {
        self.0.status
    }

    /// Returns what it says.
    pub fn content(&self) -> &PromptContent {
        &self.0.content
    }

    /// Returns the revision that was read.
    pub fn revision(&self) -> i64 {
        self.0.revision
    }

    /// Returns the digest of what it says.
    pub fn digest(&self) -> String {
        self.0.content.digest()
    }

    /// Returns what a list shows.
    pub fn summary(&self) -> VersionSummary {
        VersionSummary {
            id: self.0.id,
            channel: self.0.channel,
            number: self.0.number,
            status: self.0.status,
            note: self.0.note.clone(),
            based_on: self.0.based_on,
            created_at: self.0.created_at,
            changed_at: self.0.changed_at,
            published_at: self.0.published_at,
            revision: self.0.revision,
        }
    }

    /// Reads a note.
    ///
    /// # Errors
    /// When it is too long or holds control characters other than line breaks.
    pub fn parse_note(note: &str) -> Result<String, PromptError> {
        let note = note.trim();
        let fits =
            note.chars().count() <= Self::MAX_NOTE && !note.chars().any(|c| c.is_control() && c != '\n');
        if fits {
            return Ok(note.to_owned());
        }
        let message = format!("write at most {} characters of plain text", Self::MAX_NOTE);
        Err(PromptError::Invalid { field: "note", message })
    }

    fn step(&mut self, from: VersionStatus, to: VersionStatus, at: Timestamp) -> Result<(), PromptError> {
        self.require(from)?;
        self.0.status = to;
        self.0.changed_at = at;
        Ok(())
    }

    fn require(&self, needed: VersionStatus) -> Result<(), PromptError> {
        let found = self.0.status;
        if found == needed { Ok(()) } else { Err(PromptError::WrongStatus { needed, found }) }
    }
}

/// What a list shows of a version: all but what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionSummary {
    /// The version's id.
    pub id: PromptVersionId,
    /// The channel that it is for.
    pub channel: PromptChannel,
    /// Its number among those of the same owner and channel, from 1.
    pub number: u32,
    /// How far it has come.
    pub status: VersionStatus,
    /// What its author says about it.
    pub note: String,
    /// The number of the version that it was made from.
    pub based_on: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// When it last came into production.
    pub published_at: Option<Timestamp>,
    /// The revision.
    pub revision: i64,
}
