//! Opening hours on the wire: `{"mon": [{"opens": "08:00", "closes": "17:00"}], …}`.

use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Serialize};
use tenancy::{OpeningHours, Span};
use utoipa::ToSchema;

use crate::http::problem::FieldError;

/// Spans that one day may have.
const MOST_SPANS: usize = 10;
const CLOCK: &str = "%H:%M";

/// When a business is open, by day of the week.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct HoursBody {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mon: Vec<SpanBody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tue: Vec<SpanBody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wed: Vec<SpanBody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    thu: Vec<SpanBody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fri: Vec<SpanBody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sat: Vec<SpanBody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sun: Vec<SpanBody>,
}

/// A stretch of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SpanBody {
    /// When it starts, on a 24-hour clock.
    #[schema(example = "08:00")]
    opens: String,
    /// When it ends; later on the same day.
    #[schema(example = "17:00")]
    closes: String,
}

impl From<&OpeningHours> for HoursBody {
    fn from(hours: &OpeningHours) -> Self {
        let on = |day| hours.on(day).iter().map(SpanBody::from).collect();
        Self {
            mon: on(Weekday::Mon),
            tue: on(Weekday::Tue),
            wed: on(Weekday::Wed),
            thu: on(Weekday::Thu),
            fri: on(Weekday::Fri),
            sat: on(Weekday::Sat),
            sun: on(Weekday::Sun),
        }
    }
}

impl From<&Span> for SpanBody {
    fn from(span: &Span) -> Self {
        Self {
            opens: span.opens().format(CLOCK).to_string(),
            closes: span.closes().format(CLOCK).to_string(),
        }
    }
}

impl HoursBody {
    /// Reads the hours, and adds what is wrong with them to `errors`.
    pub(super) fn read(&self, errors: &mut Vec<FieldError>) -> OpeningHours {
        let days = [
            (Weekday::Mon, "mon", &self.mon),
            (Weekday::Tue, "tue", &self.tue),
            (Weekday::Wed, "wed", &self.wed),
            (Weekday::Thu, "thu", &self.thu),
            (Weekday::Fri, "fri", &self.fri),
            (Weekday::Sat, "sat", &self.sat),
            (Weekday::Sun, "sun", &self.sun),
        ];
        days.into_iter().fold(OpeningHours::default(), |hours, (day, name, spans)| {
            read_day(name, spans, errors).into_iter().fold(hours, |hours, span| hours.open(day, span))
        })
    }
}

fn read_day(name: &str, bodies: &[SpanBody], errors: &mut Vec<FieldError>) -> Vec<Span> {
    let mut wrong =
        |field: String, message: &str| errors.push(FieldError { field, message: message.to_owned() });
    if bodies.len() > MOST_SPANS {
        wrong(format!("hours.{name}"), "a day may have at most 10 spans");
        return Vec::new();
    }
    let mut spans: Vec<Span> = Vec::with_capacity(bodies.len());
    for (position, body) in bodies.iter().enumerate() {
        let field = format!("hours.{name}[{position}]");
        let Some((opens, closes)) = clock(&body.opens).zip(clock(&body.closes)) else {
            wrong(field, "write times as 08:00 to 23:59");
            continue;
        };
        match Span::new(opens, closes) {
            None => {
                wrong(field, "a span ends after it starts, on the same day; split one that passes midnight");
            }
            Some(span) if spans.iter().any(|other| overlap(*other, span)) => {
                wrong(field, "spans of a day must not overlap");
            }
            Some(span) => spans.push(span),
        }
    }
    spans
}

/// Reads `08:00`, and nothing looser: `8:00` and `08:00:30` would not read back as they were written.
fn clock(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, CLOCK).ok().filter(|time| time.format(CLOCK).to_string() == text)
}

fn overlap(one: Span, other: Span) -> bool {
    one.opens() < other.closes() && other.opens() < one.closes()
}
