//! What the cases write: tenants, ids and times that are the same in every run.

use chrono::{NaiveTime, TimeDelta, TimeZone as _, Utc, Weekday};
use kernel::{PhoneNumber, TenantId, Timestamp};
use uuid::Uuid;

use crate::{
    BusinessProfile, Capacity, EmailAddress, OpeningHours, OwnerContact, Plan, Span, Tenant, TenantScope,
    testing::{TenancyStores, platform, scope},
};

/// Returns an id in the shape of `UUIDv7`; a greater number gives a greater id.
pub(super) fn id(number: u32) -> Uuid {
    Uuid::from_u128((u128::from(number) << 80) | (0x7 << 76) | (0x2 << 62))
}

/// Returns a moment so many seconds after a fixed one, with microseconds that a store must keep.
pub(super) fn at(seconds: i64) -> Timestamp {
    let start = Utc.with_ymd_and_hms(2026, 11, 2, 15, 0, 0).unwrap();
    start + TimeDelta::seconds(seconds) + TimeDelta::microseconds(123_456)
}

/// Returns an active tenant, made so many seconds after the fixed moment.
pub(super) fn tenant_made_at(number: u32, seconds: i64) -> Tenant {
    let name = format!("Plumbing No. {number} & Söhne");
    Tenant::create(TenantId::new(id(number)), &name, Plan::Growth, at(seconds)).unwrap()
}

/// Writes a tenant and returns the right to its rows.
pub(super) async fn tenant(stores: &TenancyStores, number: u32) -> TenantScope {
    let tenant = tenant_made_at(number, 0);
    stores.tenants.insert(&platform(), &tenant, &BusinessProfile::default()).await.unwrap();
    scope(tenant.id())
}

/// Returns a profile in which every field says something.
pub(super) fn full_profile() -> BusinessProfile {
    let span = |opens, closes| {
        let time = |hour| NaiveTime::from_hms_opt(hour, 30, 0).unwrap();
        Span::new(time(opens), time(closes)).unwrap()
    };
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    BusinessProfile {
        description: "Drains, boilers,\n\"everything wet\" — 24 h".into(),
        target_audience: "home owners".into(),
        communication_style: "short and kind".into(),
        time_zone: chrono_tz::America::New_York,
        hours: OpeningHours::default()
            .open(Weekday::Mon, span(8, 12))
            .open(Weekday::Mon, span(13, 17))
            .open(Weekday::Sun, span(10, 11)),
        services: texts(&["drain cleaning", "boiler repair"]),
        service_area: "Bristol and 20 miles around".into(),
        address: "1 Quay Street".into(),
        greeting: "Hello 👋".into(),
        languages: texts(&["en-US", "es"]),
        links: texts(&["https://bristol.example/book"]),
        owner: OwnerContact {
            phone: Some(PhoneNumber::parse("+15551230042").unwrap()),
            email: EmailAddress::parse("owner@example.com"),
        },
        emergency_words: texts(&["burst pipe"]),
        emergency_number: "112".into(),
        reminder_lead_hours: 48,
        capacity: Capacity {
            max_jobs_per_day: Some(6),
            reserve_mornings_for_emergencies: true,
            travel_buffer_minutes: 30,
        },
        calendar_id: Some("bristol@calendar.example".into()),
    }
}
