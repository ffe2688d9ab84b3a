//! A tenant's business profile: what the receptionist knows about the business.

pub mod get;
mod hours;
pub mod put;
mod read;

use serde::{Deserialize, Serialize};
use tenancy::{BusinessProfile, Capacity, OwnerContact};
use utoipa::ToSchema;

use hours::HoursBody;

/// What the receptionist knows about the business. Empty text means "not said".
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProfileBody {
    /// What the business does, in its own words.
    description: String,
    /// Whom it serves.
    target_audience: String,
    /// How it talks.
    communication_style: String,
    /// Its time zone, as the IANA data base names it.
    #[schema(example = "America/New_York")]
    time_zone: String,
    /// When it is open, in that time zone. A day that is left out is closed.
    hours: HoursBody,
    /// What it offers.
    services: Vec<String>,
    /// Where it works.
    service_area: String,
    /// Where it is.
    address: String,
    /// How it greets.
    greeting: String,
    /// Languages it speaks, as BCP 47 tags.
    languages: Vec<String>,
    /// The links that the receptionist may give; pages below them are as good. Any other is taken out of its words.
    #[schema(example = json!(["https://example.com/book"]))]
    links: Vec<String>,
    /// Where the owner is reached. The model never sees it.
    owner: OwnerBody,
    /// Words that mean an emergency for this business, beside the built-in ones.
    emergency_words: Vec<String>,
    /// The number to call when life is in danger.
    emergency_number: String,
    /// Hours before an appointment at which a reminder goes out.
    reminder_lead_hours: u16,
    /// How much work the business takes on.
    capacity: CapacityBody,
    /// The calendar that appointments go to.
    calendar_id: Option<String>,
}

/// Where the owner is reached.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OwnerBody {
    /// A phone number with its country code.
    #[schema(example = "+15551230000")]
    phone: Option<String>,
    /// An e-mail address.
    email: Option<String>,
}

/// How much work the business takes on.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CapacityBody {
    /// The most jobs on one day; null for no limit.
    max_jobs_per_day: Option<u16>,
    /// Whether mornings are kept free for emergencies.
    reserve_mornings_for_emergencies: bool,
    /// Minutes kept free between two jobs for the way.
    travel_buffer_minutes: u16,
}

impl Default for ProfileBody {
    fn default() -> Self {
        BusinessProfile::default().into()
    }
}

impl From<BusinessProfile> for ProfileBody {
    fn from(profile: BusinessProfile) -> Self {
        Self {
            description: profile.description,
            target_audience: profile.target_audience,
            communication_style: profile.communication_style,
            time_zone: profile.time_zone.name().to_owned(),
            hours: HoursBody::from(&profile.hours),
            services: profile.services,
            service_area: profile.service_area,
            address: profile.address,
            greeting: profile.greeting,
            languages: profile.languages,
            links: profile.links,
            owner: profile.owner.into(),
            emergency_words: profile.emergency_words,
            emergency_number: profile.emergency_number,
            reminder_lead_hours: profile.reminder_lead_hours,
            capacity: profile.capacity.into(),
            calendar_id: profile.calendar_id,
        }
    }
}

impl From<OwnerContact> for OwnerBody {
    fn from(owner: OwnerContact) -> Self {
        Self {
            phone: owner.phone.map(|phone| phone.as_str().to_owned()),
            email: owner.email.map(|email| email.as_str().to_owned()),
        }
    }
}

impl From<Capacity> for CapacityBody {
    fn from(capacity: Capacity) -> Self {
        Self {
            max_jobs_per_day: capacity.max_jobs_per_day,
            reserve_mornings_for_emergencies: capacity.reserve_mornings_for_emergencies,
            travel_buffer_minutes: capacity.travel_buffer_minutes,
        }
    }
}

impl From<CapacityBody> for Capacity {
    fn from(body: CapacityBody) -> Self {
        Self {
            max_jobs_per_day: body.max_jobs_per_day,
            reserve_mornings_for_emergencies: body.reserve_mornings_for_emergencies,
            travel_buffer_minutes: body.travel_buffer_minutes,
        }
    }
}
