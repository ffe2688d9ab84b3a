//! Checks a profile as it comes in, field by field, and tells all that is wrong at once.

use kernel::PhoneNumber;
use tenancy::{BusinessProfile, EmailAddress, OwnerContact};

use super::{OwnerBody, ProfileBody};
use crate::http::problem::{FieldError, Problem};

const LONGEST_TEXT: usize = 4_000;
const LONGEST_WORD: usize = 200;
const MOST_WORDS: usize = 100;
const LONGEST_LEAD_HOURS: u16 = 24 * 30;
const LONGEST_BUFFER_MINUTES: u16 = 24 * 60;

impl TryFrom<ProfileBody> for BusinessProfile {
    type Error = Problem;

    fn try_from(body: ProfileBody) -> Result<Self, Problem> {
        let mut checks = Checks::default();
        checks.all_texts(&body);
        checks.at_most("reminder_lead_hours", body.reminder_lead_hours, LONGEST_LEAD_HOURS);
        let buffer = body.capacity.travel_buffer_minutes;
        checks.at_most("capacity.travel_buffer_minutes", buffer, LONGEST_BUFFER_MINUTES);
        let time_zone = body.time_zone.parse().unwrap_or_else(|_| {
            checks.wrong("time_zone", "write a name of the IANA data base, as in America/New_York");
            chrono_tz::Tz::UTC
        });
        let owner = checks.owner(&body.owner);
        let hours = body.hours.read(&mut checks.0);
        checks.finish()?;
        Ok(Self {
            description: body.description,
            target_audience: body.target_audience,
            communication_style: body.communication_style,
            time_zone,
            hours,
            services: body.services,
            service_area: body.service_area,
            address: body.address,
            greeting: body.greeting,
            languages: body.languages,
            links: body.links,
            owner,
            emergency_words: body.emergency_words,
            emergency_number: body.emergency_number,
            reminder_lead_hours: body.reminder_lead_hours,
            capacity: body.capacity.into(),
            calendar_id: body.calendar_id,
        })
    }
}

/// What was found wrong so far.
#[derive(Default)]
struct Checks(Vec<FieldError>);

impl Checks {
    fn wrong(&mut self, field: impl Into<String>, message: &str) {
        self.0.push(FieldError { field: field.into(), message: message.to_owned() });
    }

    fn all_texts(&mut self, body: &ProfileBody) {
        for (field, text) in [
            ("description", &body.description),
            ("target_audience", &body.target_audience),
            ("communication_style", &body.communication_style),
            ("service_area", &body.service_area),
            ("address", &body.address),
            ("greeting", &body.greeting),
        ] {
            self.text(field, text, LONGEST_TEXT);
        }
        if let Some(calendar) = &body.calendar_id {
            self.text("calendar_id", calendar, LONGEST_WORD);
        }
        self.words("services", &body.services);
        self.words("emergency_words", &body.emergency_words);
        self.words("languages", &body.languages);
        if let Some(position) = body.languages.iter().position(|tag| !is_language_tag(tag)) {
            self.wrong(format!("languages[{position}]"), "write a BCP 47 tag, as in en or es-MX");
        }
        self.words("links", &body.links);
        if let Some(position) = body.links.iter().position(|link| !is_link(link)) {
            self.wrong(
                format!("links[{position}]"),
                "write the address of a page, as in https://example.com/book",
            );
        }
        let number = &body.emergency_number;
        let is_number = (2..=20).contains(&number.len())
            && number.chars().all(|c| c.is_ascii_digit() || "+ -".contains(c));
        if !is_number {
            self.wrong(
                "emergency_number",
                "write the number to call when life is in danger, as in 911 or 112",
            );
        }
    }

    fn text(&mut self, field: impl Into<String>, text: &str, longest: usize) {
        let has_controls = text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        if has_controls || text.chars().count() > longest {
            self.wrong(field, &format!("write at most {longest} characters, without control characters"));
        }
    }

    fn words(&mut self, field: &str, words: &[String]) {
        if words.len() > MOST_WORDS {
            self.wrong(field, &format!("give at most {MOST_WORDS}"));
            return;
        }
        for (position, word) in words.iter().enumerate() {
            if word.trim().is_empty() {
                self.wrong(format!("{field}[{position}]"), "must not be empty");
            }
            self.text(format!("{field}[{position}]"), word, LONGEST_WORD);
        }
    }

    fn at_most(&mut self, field: &str, value: u16, most: u16) {
        if value > most {
            self.wrong(field, &format!("write at most {most}"));
        }
    }

    fn owner(&mut self, body: &OwnerBody) -> OwnerContact {
        let phone = body.phone.as_deref().map(PhoneNumber::parse).transpose();
        let email = body.email.as_deref().map(|text| EmailAddress::parse(text).ok_or(()));
        OwnerContact {
            phone: phone.unwrap_or_else(|error| {
                self.wrong("owner.phone", &error.to_string());
                None
            }),
            email: email.transpose().unwrap_or_else(|()| {
                self.wrong("owner.email", "write an e-mail address, as in ann@example.com");
                None
            }),
        }
    }

    fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

/// A link is given to customers as it stands, so it carries nothing of anybody.
fn is_link(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        is_web && url.username().is_empty() && url.password().is_none()
    })
}

/// Tells whether the text has the shape of a language tag: a language of two or three letters, then short parts.
fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    let is_language =
        (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_part =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_language && parts.all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong_fields(json: &str) -> Vec<String> {
        let body: ProfileBody = serde_json::from_str(json).unwrap();
        let problem = BusinessProfile::try_from(body).unwrap_err();
        problem.errors().iter().map(|error| error.field.clone()).collect()
    }

    #[test]
    fn every_field_that_is_wrong_is_named_at_once() {
        let wrong = wrong_fields(
            r#"{"time_zone": "Mars", "languages": ["english please"], "owner": {"phone": "5551230000", "email": "ann"},
                "reminder_lead_hours": 9999, "services": [" "], "emergency_number": "call us",
                "hours": {"mon": [{"opens": "17:00", "closes": "08:00"}, {"opens": "8am", "closes": "17:00"}]}}"#,
        );
        let expected = [
            "services[0]",
            "languages[0]",
            "emergency_number",
            "reminder_lead_hours",
            "time_zone",
            "owner.phone",
            "owner.email",
            "hours.mon[0]",
            "hours.mon[1]",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn overlapping_spans_are_refused() {
        let overlapping = r#"[{"opens": "08:00", "closes": "12:00"}, {"opens": "11:00", "closes": "13:00"}]"#;
        assert_eq!(wrong_fields(&format!(r#"{{"hours": {{"sun": {overlapping}}}}}"#)), ["hours.sun[1]"]);
    }

    #[test]
    fn what_was_read_shows_as_it_was_written() {
        let json = r#"{"time_zone": "America/New_York", "languages": ["en", "es-MX"],
            "hours": {"mon": [{"opens": "08:00", "closes": "12:00"}, {"opens": "13:00", "closes": "17:00"}]}}"#;
        let body: ProfileBody = serde_json::from_str(json).unwrap();
        let shown =
            serde_json::to_value(ProfileBody::from(BusinessProfile::try_from(body).unwrap())).unwrap();
        let written: serde_json::Value = serde_json::from_str(json).unwrap();
        for field in ["time_zone", "languages", "hours"] {
            assert_eq!(shown[field], written[field]);
        }
    }
}
