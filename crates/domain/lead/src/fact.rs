//! One thing that was told of a lead, and by whom.

use kernel::{ConversationId, PhoneNumber, Timestamp};
use serde::{Deserialize, Serialize};
use tenancy::EmailAddress;

use crate::{FactSource, FactValue, Field, Identity, Strength, words::shows_only};

/// How sure something is, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(u8);

impl Confidence {
    /// Beyond doubt.
    pub const FULL: Self = Self(100);

    /// Takes a percentage; more than 100 is 100.
    pub const fn new(percent: u8) -> Self {
        Self(if percent > 100 { 100 } else { percent })
    }

    /// Returns the percentage.
    pub fn percent(self) -> u8 {
        self.0
    }
}

/// When, and in which conversation if in any, something was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// In which conversation.
    pub conversation_id: Option<ConversationId>,
}

/// One thing that was told of a lead.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fact {
    field: Field,
    told: Told,
    source: FactSource,
    value: FactValue,
    confidence: Confidence,
    strength: Strength,
}

shows_only!(Fact: field, told, source, confidence, strength);

impl Fact {
    /// Keeps what was told.
    pub fn new(
        field: Field,
        value: FactValue,
        source: FactSource,
        confidence: Confidence,
        told: Told,
    ) -> Self {
        Self { field, told, source, value, confidence, strength: Strength::Strong }
    }

    /// Keeps how strong a name is.
    #[must_use]
    pub fn with_strength(self, strength: Strength) -> Self {
        Self { strength, ..self }
    }

    /// Makes it less sure than it was.
    #[must_use]
    pub(crate) fn doubted(self, by: u8) -> Self {
        Self { confidence: Confidence(self.confidence.0.saturating_sub(by)), ..self }
    }

    /// Returns what it is about.
    pub fn field(&self) -> Field {
        self.field
    }

    /// Returns what was told.
    pub fn value(&self) -> &str {
        self.value.as_str()
    }

    /// Returns where it comes from.
    pub fn source(&self) -> FactSource {
        self.source
    }

    /// Returns how sure it is.
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Returns when and where it was told.
    pub fn told(&self) -> Told {
        self.told
    }

    /// Returns whether it says something.
    pub fn strength(&self) -> Strength {
        self.strength
    }

    /// Returns by what it makes a lead recognised, if it does.
    pub fn identity(&self) -> Option<Identity> {
        match self.field {
            Field::Phone => PhoneNumber::parse(self.value()).ok().map(Identity::Phone),
            Field::Email => EmailAddress::parse(self.value()).map(Identity::Email),
            Field::Name
            | Field::Zip
            | Field::Need
            | Field::Urgency
            | Field::ServiceAddress
            | Field::PreferredTime
            | Field::Language => None,
        }
    }

    /// Tells whether two facts say the same from the same source.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        (self.field, self.source, &self.value) == (other.field, other.source, &other.value)
    }

    /// Tells whether the first to be told counts, not the last: several people share a phone, and the one who came
    /// first is who it is called after, until somebody of the business says otherwise.
    pub(crate) fn first_counts(&self) -> bool {
        self.field == Field::Name && self.source != FactSource::Person
    }
}
