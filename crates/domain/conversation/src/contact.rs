//! The end customer.

use kernel::{ContactId, Timestamp, names_somebody};
use tenancy::Address;

use crate::{message::stored_names, tools::Language};

/// Where a name comes from, weakest first. Which of two names stays, [`ContactName::may_replace`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameSource {
    /// The carrier's caller id.
    Carrier,
    /// Understood from what the contact wrote.
    Understood,
    /// Written by a person.
    Person,
}

stored_names!(NameSource: Carrier = "carrier", Understood = "understood", Person = "person");

/// A contact's name and how it is known.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactName {
    /// The name.
    pub text: String,
    /// How it is known.
    pub source: NameSource,
}

impl ContactName {
    /// The longest name that is kept, in characters.
    pub const MAX_LENGTH: usize = 100;

    /// Takes a name in: without control characters, cut to [`ContactName::MAX_LENGTH`]; `None` when nothing is left.
    pub fn new(text: &str, source: NameSource) -> Option<Self> {
        let text: String = text.trim().chars().filter(|c| !c.is_control()).take(Self::MAX_LENGTH).collect();
        (!text.is_empty()).then_some(Self { text, source })
    }

    /// Tells whether this name may take the place of `known`: where it says more than that, or as much from a stronger
    /// source. Between two that were understood the first stays, as several people may write from one phone and anything may
    /// be taken for a name; what a person writes is always taken.
    pub fn may_replace(&self, known: Option<&Self>) -> bool {
        let Some(known) = known else { return true };
        self.source == NameSource::Person || self.worth() > known.worth()
    }

    /// What it is worth: a text that names nobody says less than any that does, unless a person has written it.
    fn worth(&self) -> (bool, NameSource) {
        (self.source == NameSource::Person || names_somebody(&self.text), self.source)
    }
}

/// Shows the source only: a name is personal data, and debug output ends in logs.
impl std::fmt::Debug for ContactName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ContactName(…, {})", self.source.as_str())
    }
}

/// The end customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The contact's id.
    pub id: ContactId,
    /// The contact's name, once known.
    pub name: Option<ContactName>,
    /// The language that the contact wants to be answered in, once known.
    pub language: Option<Language>,
    /// Where the contact can be reached, oldest first.
    pub addresses: Vec<Address>,
    /// When the contact first wrote.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_replaces_what_says_less_or_comes_from_a_weaker_source() {
        let name = |text, source| ContactName::new(text, source).unwrap();
        let ann = name("Ann", NameSource::Understood);
        assert!(ann.may_replace(None));
        for weaker in [
            name("ANN BAKER", NameSource::Carrier),
            name("my wife", NameSource::Understood),
            name("UNKNOWN CALLER", NameSource::Carrier),
        ] {
            assert!(ann.may_replace(Some(&weaker)), "{}", weaker.text);
            assert!(!weaker.may_replace(Some(&ann)), "{}", weaker.text);
        }
        assert!(!name("Feel", NameSource::Understood).may_replace(Some(&ann)));
        assert!(
            !name("my wife", NameSource::Understood)
                .may_replace(Some(&name("ANN BAKER", NameSource::Carrier)))
        );
    }

    #[test]
    fn what_a_person_writes_is_taken_and_stays() {
        let name = |text, source| ContactName::new(text, source).unwrap();
        let typed = name("J", NameSource::Person);
        assert!(typed.may_replace(Some(&name("Ann", NameSource::Understood))));
        assert!(!name("Ann", NameSource::Understood).may_replace(Some(&typed)));
        assert!(name("Ann", NameSource::Person).may_replace(Some(&typed)));
    }

    #[test]
    fn a_name_is_cleaned_and_bounded() {
        assert_eq!(ContactName::new(" A\u{0}nn\n ", NameSource::Person).unwrap().text, "Ann");
        assert_eq!(ContactName::new(" \u{7} ", NameSource::Person), None);
        assert_eq!(ContactName::new(&"x".repeat(500), NameSource::Person).unwrap().text.len(), 100);
    }
}
