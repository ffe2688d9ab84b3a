//! How long a service asks to wait, in the header `Retry-After`: seconds, or a date by its own clock.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// Returns how long the headers ask to wait.
///
/// A date is compared with the answer's own `Date`, so that two clocks that differ do no harm. A date without one
/// says nothing.
pub(crate) fn asked_for(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (until, now) = (date(value)?, date(text(headers, &DATE)?)?);
    Some((until - now).to_std().unwrap_or_default())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(HeaderName, &str)]) -> Option<Duration> {
        asked_for(&pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect())
    }

    #[test]
    fn seconds_are_read() {
        assert_eq!(asked(&[(RETRY_AFTER, "12")]), Some(Duration::from_secs(12)));
        assert_eq!(asked(&[(RETRY_AFTER, "soon")]), None);
        assert_eq!(asked(&[]), None);
    }

    #[test]
    fn a_date_counts_from_the_date_of_the_answer() {
        let now = (DATE, "Mon, 02 Nov 2026 15:00:00 GMT");
        assert_eq!(
            asked(&[now.clone(), (RETRY_AFTER, "Mon, 02 Nov 2026 15:00:07 GMT")]),
            Some(Duration::from_secs(7))
        );
        assert_eq!(asked(&[now, (RETRY_AFTER, "Mon, 02 Nov 2026 14:00:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(asked(&[(RETRY_AFTER, "Mon, 02 Nov 2026 15:00:07 GMT")]), None);
    }
}
