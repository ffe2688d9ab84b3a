//! Which names say nothing about a person: they are kept, and chosen only where there is no other.

use kernel::{names_somebody, plain_words};

use crate::{FactSource, words::words};

words! {
    /// Whether a value says something. Only names can be weak.
    Strength {
        /// It stands where a name should be and is none.
        Weak = "weak",
        /// It may be what it says.
        Strong = "strong",
    }
}

const STATES: &[&str] = &[
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY",
    "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND",
    "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "DC",
    "AB", "BC", "MB", "NB", "NS", "ON", "QC", "SK",
];

impl Strength {
    /// Judges a name. What somebody of the business has typed is always a name.
    pub fn of_name(name: &str, source: FactSource, business_name: &str) -> Self {
        let is_business = || plain_words(name) == plain_words(business_name);
        let is_weak = source != FactSource::Person
            && (!names_somebody(name) || is_business() || is_place(name, source));
        if is_weak { Self::Weak } else { Self::Strong }
    }
}

/// Tells whether a word is one of the two-letter names of North America's states and provinces.
pub(crate) fn is_state(word: &str) -> bool {
    STATES.contains(&word)
}

/// Tells whether it is the place that carriers show for want of a name: "BROOKLYN NY", and from carriers "BROOKLYN".
fn is_place(name: &str, source: FactSource) -> bool {
    let is_shouted = !name.chars().any(char::is_lowercase);
    let mut words = name.split([' ', ',']).filter(|word| !word.is_empty());
    let ends_in_state = words.clone().count() > 1 && words.clone().next_back().is_some_and(is_state);
    let is_one_word = words.next().is_some() && words.next().is_none();
    is_shouted && (ends_in_state || (is_one_word && source == FactSource::Carrier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_about_a_person_is_weak() {
        for name in [
            "WIRELESS CALLER",
            "Unknown",
            "BROOKLYN NY",
            "BROOKLYN",
            "J",
            "J.",
            "my wife",
            "Mom",
            "Joe's Plumbing",
            "JOES PLUMBING".replace("JOES", "JOE'S").as_str(),
        ] {
            assert_eq!(
                Strength::of_name(name, FactSource::Carrier, "Joe's Plumbing"),
                Strength::Weak,
                "{name}"
            );
        }
    }

    #[test]
    fn what_may_be_a_name_is_strong() {
        for name in ["Ann", "SMITH JOHN", "Li Wu", "Sonny", "Anna Wife-Jones", "Ødegård", "王小明"] {
            assert_eq!(
                Strength::of_name(name, FactSource::Pattern, "Joe's Plumbing"),
                Strength::Strong,
                "{name}"
            );
        }
        assert_eq!(Strength::of_name("J", FactSource::Person, ""), Strength::Strong);
    }
}
