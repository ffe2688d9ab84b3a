//! When a business is open, by day of the week, in the business's own time zone.

use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

/// The days of the week in the order that [`OpeningHours`] keeps them.
pub const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// A stretch of a day; it ends after it starts and does not pass midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    opens: NaiveTime,
    closes: NaiveTime,
}

impl Span {
    /// Makes a span; `None` unless it ends after it starts.
    pub fn new(opens: NaiveTime, closes: NaiveTime) -> Option<Self> {
        (opens < closes).then_some(Self { opens, closes })
    }

    /// Returns when it starts.
    pub fn opens(&self) -> NaiveTime {
        self.opens
    }

    /// Returns when it ends.
    pub fn closes(&self) -> NaiveTime {
        self.closes
    }
}

/// When a business is open. Days without spans are closed; all days without spans means "not said".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningHours {
    days: [Vec<Span>; 7],
}

impl OpeningHours {
    /// Adds a span to a day, in the order of the clock.
    #[must_use]
    pub fn open(mut self, day: Weekday, span: Span) -> Self {
        if let Some(spans) = self.days.get_mut(Self::position(day)) {
            spans.push(span);
            spans.sort_by_key(Span::opens);
        }
        self
    }

    /// Returns a day's spans, earliest first.
    pub fn on(&self, day: Weekday) -> &[Span] {
        self.days.get(Self::position(day)).map_or(&[], Vec::as_slice)
    }

    /// Tells whether the business has said its hours at all.
    pub fn is_known(&self) -> bool {
        self.days.iter().any(|spans| !spans.is_empty())
    }

    fn position(day: Weekday) -> usize {
        usize::try_from(day.num_days_from_monday()).unwrap_or_default()
    }
}
