//! Words that staff put on leads, and notes that they write.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use tenancy::Actor;

use crate::{
    LeadError,
    field::clean,
    words::{hides, shows_only},
};

/// A word that staff put on leads to find them again.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tag(String);

hides!(Tag);

impl Tag {
    /// The longest tag, in characters.
    pub const MAX_LENGTH: usize = 40;

    /// Reads a tag, lower-casing it.
    ///
    /// # Errors
    /// When nothing is left of it, or it is too long.
    pub fn parse(text: &str) -> Result<Self, LeadError> {
        let text = clean(&text.to_lowercase(), Self::MAX_LENGTH + 1);
        let length = text.chars().count();
        if length == 0 || length > Self::MAX_LENGTH {
            let message = format!("write a tag of 1 to {} characters", Self::MAX_LENGTH);
            return Err(LeadError::Invalid { field: "tag", message });
        }
        Ok(Self(text))
    }

    /// Returns the tag in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something that somebody of the business wrote about a lead.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    author: String,
    at: Timestamp,
    text: String,
}

shows_only!(Note: author, at);

impl Note {
    /// The longest note, in characters.
    pub const MAX_LENGTH: usize = 4_000;

    /// Writes a note.
    ///
    /// # Errors
    /// When it is empty or too long.
    pub fn write(author: &Actor, at: Timestamp, text: &str) -> Result<Self, LeadError> {
        let printable = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        let text = text.chars().filter(printable).collect::<String>().trim().to_owned();
        if text.is_empty() || text.chars().count() > Self::MAX_LENGTH {
            let message = format!("write 1 to {} characters", Self::MAX_LENGTH);
            return Err(LeadError::Invalid { field: "text", message });
        }
        Ok(Self { author: author.to_string(), at, text })
    }

    /// Returns who wrote it, as the audit log names them.
    pub fn author(&self) -> &str {
        &self.author
    }

    /// Returns when it was written.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns what it says.
    pub fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_lower_case_clean_and_bounded() {
        assert_eq!(Tag::parse(" Big\u{0} JOB\n ").unwrap().as_str(), "big job");
        assert!(Tag::parse(" \n").is_err());
        assert!(Tag::parse(&"x".repeat(41)).is_err());
        assert!(Tag::parse(&"x".repeat(40)).is_ok());
    }

    #[test]
    fn a_note_keeps_its_lines_and_is_bounded() {
        let at = Timestamp::default();
        let note = Note::write(&Actor::TrustedCaller, at, " one\n\u{0}two ").unwrap();
        assert_eq!((note.text(), note.author()), ("one\ntwo", "trusted_caller"));
        assert!(Note::write(&Actor::System, at, " ").is_err());
        assert!(Note::write(&Actor::System, at, &"x".repeat(4_001)).is_err());
    }
}
