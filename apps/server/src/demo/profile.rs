//! The demo business: a plumber in Bristol, Connecticut, who does not exist.

use chrono::{NaiveTime, Weekday};
use tenancy::{BusinessProfile, OpeningHours, Span};

/// The demo business's name.
pub(super) const NAME: &str = "Bristol Plumbing";

/// Returns what the receptionist knows about the demo business.
pub(super) fn profile() -> BusinessProfile {
    let text = str::to_owned;
    BusinessProfile {
        description: text(
            "Family plumbers since 1987: repairs, installations and emergencies, day and night.",
        ),
        target_audience: text("Home owners and small landlords"),
        communication_style: text("friendly, short, practical"),
        time_zone: chrono_tz::America::New_York,
        hours: hours(),
        services: [
            "drain cleaning",
            "leak repair",
            "water heater repair and installation",
            "toilet and faucet repair",
            "sewer line inspection",
            "emergency call-outs",
        ]
        .map(text)
        .into(),
        service_area: text("Bristol, Plainville, Southington and Farmington"),
        address: text("12 Mill Street, Bristol, CT 06010"),
        ..BusinessProfile::default()
    }
}

fn hours() -> OpeningHours {
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let days = week.map(|day| (day, 8, 17)).into_iter().chain([(Weekday::Sat, 9, 12)]);
    days.fold(OpeningHours::default(), |hours, (day, opens, closes)| match Span::new(at(opens), at(closes)) {
        Some(span) => hours.open(day, span),
        None => hours,
    })
}
