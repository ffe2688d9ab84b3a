//! The end customer.

use kernel::{ContactId, Timestamp};
use tenancy::Address;

use crate::{message::stored_names, tools::Language};

/// Where a name comes from, weakest first. A weaker source never overwrites a stronger one.
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

    /// Tells whether this name may take the place of `known`.
    pub fn may_replace(&self, known: Option<NameSource>) -> bool {
        known.is_none_or(|known| self.source >= known)
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
    fn a_weaker_source_never_replaces_a_name() {
        let understood = ContactName::new("Ann", NameSource::Understood).unwrap();
        assert!(understood.may_replace(None));
        assert!(understood.may_replace(Some(NameSource::Carrier)));
        assert!(understood.may_replace(Some(NameSource::Understood)));
        assert!(!understood.may_replace(Some(NameSource::Person)));
    }

    #[test]
    fn a_name_is_cleaned_and_bounded() {
        assert_eq!(ContactName::new(" A\u{0}nn\n ", NameSource::Person).unwrap().text, "Ann");
        assert_eq!(ContactName::new(" \u{7} ", NameSource::Person), None);
        assert_eq!(ContactName::new(&"x".repeat(500), NameSource::Person).unwrap().text.len(), 100);
    }
}
