//! Which days are asked for.

use chrono::{Datelike as _, NaiveDate, TimeDelta};

use crate::UsageError;

/// Days in UTC, from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    first: NaiveDate,
    last: NaiveDate,
}

impl Days {
    /// The most days that are shown at once.
    pub const MAX: i64 = 366;

    /// Takes a first and a last day.
    ///
    /// # Errors
    /// When the last lies before the first, or there are too many between them.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, UsageError> {
        let fault = |message: String| UsageError::Invalid { field: "to", message };
        if last < first {
            return Err(fault("name a day that does not lie before `from`".to_owned()));
        }
        if (last - first).num_days() >= Self::MAX {
            return Err(fault(format!("ask for at most {} days at once", Self::MAX)));
        }
        Ok(Self { first, last })
    }

    /// Returns the days that are asked for: where no first one is named, from the first of the last one's month on;
    /// where no last one is named, up to today, or to the first where that is still to come.
    ///
    /// # Errors
    /// As [`Days::new`].
    pub fn asked(
        first: Option<NaiveDate>,
        last: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Result<Self, UsageError> {
        let last = last.unwrap_or_else(|| first.map_or(today, |first| first.max(today)));
        Self::new(first.unwrap_or_else(|| first_of_month(last)), last)
    }

    /// Returns the days of a day's month, up to that day.
    pub fn of_month_until(day: NaiveDate) -> Self {
        Self { first: first_of_month(day), last: day }
    }

    /// Returns the first day.
    pub fn first(self) -> NaiveDate {
        self.first
    }

    /// Returns the last day.
    pub fn last(self) -> NaiveDate {
        self.last
    }

    /// Tells whether a day is among them.
    pub fn contains(self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(i64::from(day.day0()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn asked(first: Option<&str>, last: Option<&str>) -> Option<(NaiveDate, NaiveDate)> {
        let days = Days::asked(first.map(day), last.map(day), day("2026-11-28")).ok()?;
        Some((days.first(), days.last()))
    }

    fn days(first: &str, last: &str) -> (NaiveDate, NaiveDate) {
        (day(first), day(last))
    }

    #[test]
    fn nothing_named_means_this_month_until_today() {
        assert_eq!(asked(None, None), Some(days("2026-11-01", "2026-11-28")));
    }

    #[test]
    fn what_is_not_named_follows_from_what_is() {
        assert_eq!(asked(Some("2026-11-20"), None), Some(days("2026-11-20", "2026-11-28")));
        assert_eq!(asked(None, Some("2026-02-28")), Some(days("2026-02-01", "2026-02-28")));
        assert_eq!(asked(Some("2027-01-05"), None), Some(days("2027-01-05", "2027-01-05")));
    }

    #[test]
    fn at_most_366_days_are_shown_and_the_last_is_not_before_the_first() {
        assert!(asked(Some("2024-01-01"), Some("2024-12-31")).is_some());
        assert_eq!(asked(Some("2024-01-01"), Some("2025-01-01")), None);
        assert_eq!(asked(Some("2026-11-02"), Some("2026-11-01")), None);
        assert!(asked(Some("2026-11-01"), Some("2026-11-01")).is_some());
    }

    #[test]
    fn a_month_begins_with_its_first_day() {
        for (until, first) in [("2024-02-29", "2024-02-01"), ("2026-11-01", "2026-11-01")] {
            let month = Days::of_month_until(day(until));
            assert_eq!((month.first(), month.last()), (day(first), day(until)));
            assert!(month.contains(day(first)) && !month.contains(day(first).pred_opt().unwrap()));
        }
    }
}
