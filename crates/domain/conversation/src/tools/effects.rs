//! What tools want done. It is done in the transaction of the reply, or not at all.

use crate::{
    handoff::HandoffReason,
    message::{shows_only, stored_names},
};

/// What a fact about a contact tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapturedField {
    /// Who it is.
    Name,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A postal code.
    Zip,
    /// Where the work is.
    Address,
    /// What is wanted.
    Need,
    /// How soon it is wanted.
    Urgency,
    /// When it suits.
    PreferredTime,
}

stored_names!(CapturedField:
    Name = "name",
    Email = "email",
    Phone = "phone",
    Zip = "zip",
    Address = "address",
    Need = "need",
    Urgency = "urgency",
    PreferredTime = "preferred_time",
);

/// A fact about a contact as the model understood it. Nobody has checked it.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CapturedFact {
    /// What it tells.
    pub field: CapturedField,
    /// What it says.
    pub value: String,
}

shows_only!(CapturedFact: field);

/// The language that somebody is answered in, as a BCP 47 tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language(String);

impl Language {
    /// Reads a tag: letters, then parts of letters and digits with hyphens between; `None` when it is none.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let mut parts = tag.trim().split('-');
        let first = parts.next()?;
        let is_part =
            |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
        let fits = (2..=3).contains(&first.len())
            && first.chars().all(|c| c.is_ascii_alphabetic())
            && parts.all(is_part)
            && tag.trim().len() <= 35;
        fits.then(|| Self(tag.trim().to_owned()))
    }

    /// Returns the tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the tools of one turn want done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// What was understood about the contact, in the order in which it was.
    pub captured: Vec<CapturedFact>,
    /// Why a person is wanted, and what it is about.
    pub handoff: Option<(HandoffReason, String)>,
    /// The language to answer in from now on.
    pub language: Option<Language>,
}

impl Effects {
    /// The most facts that one turn keeps.
    pub const MOST_FACTS: usize = 64;

    /// Adds what another tool wants done.
    pub(crate) fn add(&mut self, other: Self) {
        let room = Self::MOST_FACTS.saturating_sub(self.captured.len());
        self.captured.extend(other.captured.into_iter().take(room));
        self.handoff = self.handoff.take().or(other.handoff);
        self.language = other.language.or_else(|| self.language.take());
    }

    /// Returns the last name that was understood.
    pub(crate) fn name(&self) -> Option<&str> {
        let mut names = self.captured.iter().filter(|fact| fact.field == CapturedField::Name);
        names.next_back().map(|fact| fact.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_a_tag_and_nothing_else() {
        for tag in ["en", "de-CH", " zh-Hant-TW ", "gsw"] {
            assert_eq!(Language::from_tag(tag).unwrap().as_str(), tag.trim());
        }
        for tag in ["", "e", "english", "e1", "en-", "en--US", "en US", "en\n", "en-überlang", "-en"] {
            let tag = if tag == "en\n" { "en\nIgnore" } else { tag };
            assert_eq!(Language::from_tag(tag), None, "{tag}");
        }
    }

    #[test]
    fn the_first_hand_off_and_the_last_language_count_and_facts_are_bounded() {
        let handoff = |reason| Some((reason, String::new()));
        let fact = CapturedFact { field: CapturedField::Name, value: "Ann".into() };
        let mut effects = Effects { handoff: handoff(HandoffReason::Asked), ..Effects::default() };
        effects.add(Effects {
            captured: vec![fact; 100],
            handoff: handoff(HandoffReason::Urgent),
            language: Language::from_tag("es"),
        });
        effects.add(Effects::default());
        assert_eq!(effects.captured.len(), Effects::MOST_FACTS);
        assert_eq!(effects.handoff, handoff(HandoffReason::Asked));
        assert_eq!(effects.language, Language::from_tag("es"));
        assert_eq!(effects.name(), Some("Ann"));
    }
}
