//! Phone numbers in one canonical form, parsed where they enter.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A phone number in E.164: `+`, a country code, at most 15 digits in all.
///
/// Well-formed and of possible length is enough: only the carrier knows which numbers exist, and test
/// ranges such as `+1555…` must work.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// Why a text is not a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// The text has no country code, so it is not known which country it belongs to.
    #[error("a phone number begins with + and the country code, as in +15551230000")]
    NoCountryCode,
    /// The text holds something that no phone number holds.
    #[error("a phone number holds digits only, after the +")]
    NotDigits,
    /// No number with this country code has so many digits.
    #[error("a phone number has 8 to 15 digits, and 11 with country code 1")]
    ImpossibleLength,
}

impl PhoneNumber {
    const SEPARATORS: [char; 8] = [' ', '-', '.', '(', ')', '/', '\u{a0}', '\u{2011}'];

    /// Parses a number with its country code: `+1 (555) 123-0000`, `0015551230000`, `tel:+15551230000`. The zero of
    /// `+44 (0)20 7946 0958` is dialled inside the country only, and left out.
    ///
    /// # Errors
    /// Says what is wrong with the text; it does not repeat the text, which may be personal.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let text = text.trim();
        let text = text.strip_prefix("tel:").unwrap_or(text);
        let text = text.split(';').next().unwrap_or(text);
        let international = text.strip_prefix('+').or_else(|| text.strip_prefix("00"));
        let written = international.map_or_else(|| text.to_owned(), without_trunk_zero);
        let digits: String = written.chars().filter(|c| !Self::SEPARATORS.contains(c)).collect();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneNumberError::NotDigits);
        }
        if international.is_none() || digits.starts_with('0') {
            return Err(PhoneNumberError::NoCountryCode);
        }
        let possible = if digits.starts_with('1') { 11..=11 } else { 8..=15 };
        if !possible.contains(&digits.len()) {
            return Err(PhoneNumberError::ImpossibleLength);
        }
        Ok(Self(format!("+{digits}")))
    }

    /// Returns the number as `+15551230000`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Leaves out a `(0)` right behind the country code; in Italy the zero is part of the number.
fn without_trunk_zero(international: &str) -> String {
    let split = international.split_once("(0)").and_then(|(code, rest)| {
        let code: String = code.chars().filter(|c| !PhoneNumber::SEPARATORS.contains(c)).collect();
        let is_code = (1..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        (is_code && code != "39").then(|| code + rest)
    });
    split.unwrap_or_else(|| international.to_owned())
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shows the last two digits only: a number is personal data, and debug output ends in logs.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default();
        write!(f, "PhoneNumber(…{tail})")
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneNumberError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_number_is_one_number() {
        for text in [
            "+15551230000",
            " +1 (555) 123-0000 ",
            "0015551230000",
            "tel:+1-555-123-0000",
            "+1.555.123.0000;ext=2",
        ] {
            assert_eq!(PhoneNumber::parse(text).unwrap().as_str(), "+15551230000", "{text}");
        }
    }

    #[test]
    fn the_zero_that_is_dialled_inside_a_country_is_left_out() {
        for (text, number) in [
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("+44(0)20-7946-0958", "+442079460958"),
            ("0049 (0) 30 12345678", "+493012345678"),
            ("+353 (0)1 234 5678", "+35312345678"),
            ("+39 (0)6 1234 5678", "+390612345678"),
            ("+44 20 (0)946 0958", "+442009460958"),
        ] {
            assert_eq!(PhoneNumber::parse(text).unwrap().as_str(), number, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        use PhoneNumberError::{ImpossibleLength, NoCountryCode, NotDigits};
        for (text, why) in [
            ("", NotDigits),
            ("anonymous", NotDigits),
            ("+", NotDigits),
            ("+1555PLUMBER", NotDigits),
            ("(555) 010", NoCountryCode),
            ("5551230000", NoCountryCode),
            ("+0155512300", NoCountryCode),
            ("+1555123", ImpossibleLength),
            ("+155512300001", ImpossibleLength),
            ("+491234567890123456", ImpossibleLength),
        ] {
            assert_eq!(PhoneNumber::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn debug_output_hides_the_number() {
        let shown = format!("{:?}", PhoneNumber::parse("+15551230042").unwrap());
        assert_eq!(shown, "PhoneNumber(…42)");
    }
}
