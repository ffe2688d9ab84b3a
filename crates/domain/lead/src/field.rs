//! What can be known of a lead, and how a text becomes a value of it.

use kernel::PhoneNumber;
use serde::{Deserialize, Serialize};
use tenancy::EmailAddress;

use crate::{
    Region, Urgency,
    words::{hides, words},
};

words! {
    /// What can be known of a lead.
    Field {
        /// What they are called.
        Name = "name",
        /// Their e-mail address.
        Email = "email",
        /// Their phone, in E.164.
        Phone = "phone",
        /// Their postal code.
        Zip = "zip",
        /// What they want.
        Need = "need",
        /// How soon: one of [`Urgency`].
        Urgency = "urgency",
        /// Where the work is to be done.
        ServiceAddress = "service_address",
        /// When it suits them, in their own words.
        PreferredTime = "preferred_time",
        /// What language they speak, as a BCP 47 tag.
        Language = "language",
    }
}

/// A value of a field: in canonical form, without control characters, and bounded.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FactValue(String);

hides!(FactValue);

impl FactValue {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&PhoneNumber> for FactValue {
    fn from(number: &PhoneNumber) -> Self {
        Self(number.as_str().to_owned())
    }
}

impl From<&EmailAddress> for FactValue {
    fn from(address: &EmailAddress) -> Self {
        Self(address.as_str().to_owned())
    }
}

impl From<Urgency> for FactValue {
    fn from(urgency: Urgency) -> Self {
        Self(urgency.as_str().to_owned())
    }
}

impl Field {
    /// Reads a value of the field; a phone without country code is understood as one of the region.
    ///
    /// `None` when the text cannot be one. It is dropped then, never kept as it came.
    pub fn read(self, text: &str, region: Option<Region>) -> Option<FactValue> {
        match self {
            Self::Name => read_name(text),
            Self::Email => EmailAddress::parse(text).as_ref().map(FactValue::from),
            Self::Phone => read_phone(text, region).as_ref().map(FactValue::from),
            Self::Zip => read_zip(text),
            Self::Need => free_text(text, 500),
            Self::Urgency => Urgency::read(text).map(FactValue::from),
            Self::ServiceAddress => free_text(text, 300),
            Self::PreferredTime => free_text(text, 200),
            Self::Language => read_language(text),
        }
    }
}

/// Leaves out what is not printable or turns text round, makes white space one blank, and cuts to a length.
pub(crate) fn clean(text: &str, most: usize) -> String {
    let turns_text = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let kept = text.chars().filter(|c| !turns_text(*c) && (!c.is_control() || c.is_whitespace()));
    let kept: String = kept.collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    words.join(" ").chars().take(most).collect::<String>().trim_end().to_owned()
}

fn free_text(text: &str, most: usize) -> Option<FactValue> {
    let text = clean(text, most);
    text.chars().any(char::is_alphanumeric).then_some(FactValue(text))
}

fn read_name(text: &str) -> Option<FactValue> {
    let text = clean(text, 100);
    let is_address = text.contains('@') || text.contains("://") || text.to_lowercase().contains("www.");
    (text.chars().any(char::is_alphabetic) && !is_address).then_some(FactValue(text))
}

pub(crate) fn read_phone(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    let text = clean(text, 40);
    PhoneNumber::parse(&text).ok().or_else(|| {
        let is_plain = text.chars().all(|c| c.is_ascii_digit() || " -.()/".contains(c));
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let region = region.filter(|_| is_plain)?;
        // People of North America write the country code without the +.
        let digits = match digits.strip_prefix('1') {
            Some(rest) if region.is_north_america() && rest.len() == 10 => rest,
            _ => &digits,
        };
        region.national(digits)
    })
}

fn read_zip(text: &str) -> Option<FactValue> {
    let text = clean(text, 16).to_uppercase();
    let fits = (3..=10).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-')
        && text.chars().any(|c| c.is_ascii_digit());
    fits.then_some(FactValue(text))
}

/// Languages that are called by their names.
const LANGUAGES: &[(&str, &str)] = &[
    ("english", "en"),
    ("spanish", "es"),
    ("español", "es"),
    ("german", "de"),
    ("deutsch", "de"),
    ("french", "fr"),
    ("français", "fr"),
    ("portuguese", "pt"),
    ("italian", "it"),
    ("chinese", "zh"),
    ("polish", "pl"),
    ("turkish", "tr"),
];

fn read_language(text: &str) -> Option<FactValue> {
    let text = clean(text, 35).to_lowercase();
    if let Some((_, tag)) = LANGUAGES.iter().find(|(name, _)| *name == text) {
        return Some(FactValue((*tag).to_owned()));
    }
    let mut parts = text.split(['-', '_']);
    let language = parts.next().filter(|part| (2..=3).contains(&part.len()))?;
    let mut tag = language.to_owned();
    for part in parts {
        if !(1..=8).contains(&part.len()) {
            return None;
        }
        tag.push('-');
        tag.push_str(&if part.len() == 2 { part.to_uppercase() } else { part.to_owned() });
    }
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (language.chars().all(|c| c.is_ascii_alphabetic()) && tag.chars().all(letters)).then_some(FactValue(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: Field, text: &str) -> Option<String> {
        field.read(text, Region::from_country("US")).map(|value| value.as_str().to_owned())
    }

    #[test]
    fn values_are_kept_in_canonical_form() {
        for (field, text, value) in [
            (Field::Name, " Ann\u{0}\n  Smith\u{202e} ", "Ann Smith"),
            (Field::Email, " Ann@Example.COM ", "ann@example.com"),
            (Field::Phone, "(555) 123-0000", "+15551230000"),
            (Field::Phone, "1 555 123 0000", "+15551230000"),
            (Field::Phone, "+44 20 7946 0000", "+442079460000"),
            (Field::Zip, " sw1a 1aa", "SW1A 1AA"),
            (Field::Urgency, "Urgent!", "high"),
            (Field::Language, "EN_us", "en-US"),
            (Field::Language, "Spanish", "es"),
        ] {
            assert_eq!(read(field, text).as_deref(), Some(value), "{field:?} {text}");
        }
    }

    #[test]
    fn what_cannot_be_a_value_is_dropped() {
        for (field, text) in [
            (Field::Name, "+1 555"),
            (Field::Name, "ann@example.com"),
            (Field::Email, "ann at example"),
            (Field::Phone, "call me"),
            (Field::Phone, "(555) 010"),
            (Field::Phone, "5551230000 or so"),
            (Field::Zip, "unknown"),
            (Field::Need, "\u{7} — "),
            (Field::Urgency, "purple"),
            (Field::Language, "the usual"),
        ] {
            assert_eq!(read(field, text), None, "{field:?} {text}");
        }
    }

    #[test]
    fn values_are_bounded() {
        assert_eq!(read(Field::Name, &"x".repeat(5_000)).unwrap().len(), 100);
        assert_eq!(read(Field::Need, &"x ".repeat(5_000)).unwrap().chars().count(), 499);
    }
}
