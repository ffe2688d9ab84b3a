//! What the receptionist knows about the business. The model sees it; the owner's contact data it does not.

use chrono_tz::Tz;
use kernel::PhoneNumber;
use serde::{Deserialize, Serialize};

use crate::hours::OpeningHours;

/// An e-mail address: something, `@`, something with a dot. Only a sent mail proves more.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address, lower-casing it; `None` when it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.split_once('@')?;
        let fits = !local.is_empty()
            && domain.contains('.')
            && !domain.contains('@')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && text.len() <= 254
            && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        fits.then_some(Self(text))
    }

    /// Returns the address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows nothing: an address is personal data, and debug output ends in logs.
impl std::fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

/// Where the owner is reached. Kept sealed, never shown to a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerContact {
    /// The owner's phone.
    pub phone: Option<PhoneNumber>,
    /// The owner's e-mail address.
    pub email: Option<EmailAddress>,
}

/// How much work the business takes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// The most jobs on one day; `None` for no limit.
    pub max_jobs_per_day: Option<u16>,
    /// Whether mornings are kept free for emergencies.
    pub reserve_mornings_for_emergencies: bool,
    /// Minutes kept free between two jobs for the way.
    pub travel_buffer_minutes: u16,
}

/// What the receptionist knows about the business. Empty text means "not said".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BusinessProfile {
    /// What the business does, in its own words.
    pub description: String,
    /// Whom it serves.
    pub target_audience: String,
    /// How it talks.
    pub communication_style: String,
    /// Its time zone.
    pub time_zone: Tz,
    /// When it is open.
    pub hours: OpeningHours,
    /// What it offers, a line each.
    pub services: Vec<String>,
    /// Where it works.
    pub service_area: String,
    /// Where it is.
    pub address: String,
    /// How it greets.
    pub greeting: String,
    /// Languages it speaks, as BCP 47 tags.
    pub languages: Vec<String>,
    /// The links that the receptionist may give: pages of the web. Pages below them are as good.
    pub links: Vec<String>,
    /// Where the owner is reached.
    pub owner: OwnerContact,
    /// Words that mean an emergency for this business, beside the built-in ones.
    pub emergency_words: Vec<String>,
    /// The number to call when life is in danger.
    pub emergency_number: String,
    /// Hours before an appointment at which a reminder goes out.
    pub reminder_lead_hours: u16,
    /// How much work the business takes on.
    pub capacity: Capacity,
    /// The calendar that appointments go to.
    pub calendar_id: Option<String>,
}

impl Default for BusinessProfile {
    fn default() -> Self {
        Self {
            description: String::new(),
            target_audience: String::new(),
            communication_style: String::new(),
            time_zone: Tz::UTC,
            hours: OpeningHours::default(),
            services: Vec::new(),
            service_area: String::new(),
            address: String::new(),
            greeting: String::new(),
            languages: vec!["en".into()],
            links: Vec::new(),
            owner: OwnerContact::default(),
            emergency_words: Vec::new(),
            emergency_number: "911".into(),
            reminder_lead_hours: 24,
            capacity: Capacity::default(),
            calendar_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_address_is_lower_cased_and_must_look_like_one() {
        assert_eq!(EmailAddress::parse(" Ann@Example.com ").unwrap().as_str(), "ann@example.com");
        for text in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@example",
            "a nn@example.com",
            "a@b@example.com",
            "a@.com",
        ] {
            assert_eq!(EmailAddress::parse(text), None, "{text}");
        }
    }
}
