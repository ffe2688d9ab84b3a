//! How many calls are allowed in which time, as the generic cell rate algorithm has it.

use std::time::Duration;

use chrono::DateTime;
use kernel::Timestamp;

use crate::LimitsError;

const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// So many calls at once, and refilled evenly over a time.
///
/// Counted with the generic cell rate algorithm: one timestamp a key, no windows at whose edges twice as much
/// gets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quota {
    burst: u32,
    per: Duration,
}

/// What a caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Allowed,
    /// Not now. It costs nothing to have asked.
    Denied {
        /// After this time, and not before, the next call is allowed, if no other comes between. Never zero.
        retry_after: Duration,
    },
}

/// A verdict, and what is to be kept so that the next one is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// What the caller is told.
    pub verdict: Verdict,
    /// When the whole burst is there again. From then on the key may be forgotten.
    pub full_at: Timestamp,
}

impl Quota {
    /// Allows `burst` calls at once, refilled evenly over `per`.
    ///
    /// # Errors
    /// [`LimitsError::Quota`] for no calls, for no time, and for more than 366 days.
    pub const fn new(burst: u32, per: Duration) -> Result<Self, LimitsError> {
        if burst == 0 || per.as_micros() == 0 || per.as_micros() > LONGEST.as_micros() {
            return Err(LimitsError::Quota);
        }
        Ok(Self { burst, per })
    }

    /// Allows so many calls at once, refilled evenly over a minute; none counts as one.
    pub const fn per_minute(calls: u32) -> Self {
        Self::over_seconds(calls, 60)
    }

    /// Allows so many calls at once, refilled evenly over an hour; none counts as one.
    pub const fn per_hour(calls: u32) -> Self {
        Self::over_seconds(calls, 60 * 60)
    }

    const fn over_seconds(calls: u32, seconds: u64) -> Self {
        Self { burst: if calls == 0 { 1 } else { calls }, per: Duration::from_secs(seconds) }
    }

    /// Returns how many calls are allowed at once.
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// Returns the time in which the whole burst is refilled.
    pub const fn per(&self) -> Duration {
        self.per
    }

    /// Returns the time in which one call is refilled, in whole microseconds and rounded up: rather a little less
    /// than was promised than more.
    pub fn interval(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.interval_micros()).unwrap_or(u64::MAX))
    }

    /// Returns from when on a key with this [`Admission::full_at`] has a call left.
    pub fn open_at(&self, full_at: Timestamp) -> Timestamp {
        let taken = self.interval_micros().saturating_mul(i64::from(self.burst) - 1);
        timestamp(full_at.timestamp_micros().saturating_sub(taken))
    }

    /// Decides on one call. `full_at` is what the last [`Admission`] of the key said; `None` for a new key.
    ///
    /// A `full_at` that the quota cannot have given, because the clock was set back or the quota was cut, counts as
    /// a quota that is used up: nobody waits longer than the quota says.
    pub fn admit(&self, full_at: Option<Timestamp>, now: Timestamp) -> Admission {
        let (interval, now) = (self.interval_micros(), now.timestamp_micros());
        let used_up = now.saturating_add(interval.saturating_mul(i64::from(self.burst)));
        let full_at = full_at.map_or(now, |full_at| full_at.timestamp_micros().clamp(now, used_up));
        let next = full_at.saturating_add(interval);
        if next <= used_up {
            return Admission { verdict: Verdict::Allowed, full_at: timestamp(next) };
        }
        let wait = Duration::from_micros(next.abs_diff(used_up));
        Admission { verdict: Verdict::Denied { retry_after: wait }, full_at: timestamp(full_at) }
    }

    /// Returns what is to be kept of a key as [`Admission::full_at`] when one call that it took is given back. Never is
    /// there more than the whole burst.
    pub fn give_back(&self, full_at: Timestamp) -> Timestamp {
        timestamp(full_at.timestamp_micros().saturating_sub(self.interval_micros()))
    }

    fn interval_micros(&self) -> i64 {
        let micros = self.per.as_micros().div_ceil(u128::from(self.burst));
        i64::try_from(micros).unwrap_or(i64::MAX)
    }
}

fn timestamp(micros: i64) -> Timestamp {
    DateTime::from_timestamp_micros(micros).unwrap_or(Timestamp::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::{Clock as _, testing::ManualClock};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quota_by_the_minute_or_the_hour_is_one_of_that_time_and_never_of_nothing() {
        let quota = |calls, seconds| Quota::new(calls, Duration::from_secs(seconds)).unwrap();
        assert_eq!(Quota::per_minute(30), quota(30, 60));
        assert_eq!(Quota::per_hour(100), quota(100, 3_600));
        assert_eq!(Quota::per_minute(0), quota(1, 60));
    }

    fn start() -> Timestamp {
        ManualClock::default().now()
    }

    #[test]
    fn a_quota_of_nothing_or_of_more_than_a_year_is_refused() {
        let day = Duration::from_secs(24 * 60 * 60);
        for (burst, per) in [
            (0, day),
            (1, Duration::ZERO),
            (1, Duration::from_nanos(999)),
            (1, LONGEST + Duration::from_micros(1)),
        ] {
            assert_eq!(Quota::new(burst, per), Err(LimitsError::Quota), "{burst} per {per:?}");
        }
        assert!(Quota::new(1, Duration::from_micros(1)).is_ok());
        assert!(Quota::new(u32::MAX, LONGEST).is_ok());
    }

    #[test]
    fn an_interval_is_rounded_up() {
        let interval = |burst, per| Quota::new(burst, per).unwrap().interval();
        assert_eq!(interval(4, Duration::from_secs(60)), Duration::from_secs(15));
        assert_eq!(interval(3, Duration::from_secs(1)), Duration::from_micros(333_334));
        assert_eq!(interval(u32::MAX, Duration::from_micros(1)), Duration::from_micros(1));
    }

    #[test]
    fn after_the_clock_was_set_back_nobody_waits_longer_than_the_quota_says() {
        let quota = Quota::new(2, Duration::from_secs(60)).unwrap();
        let ahead = start() + TimeDelta::days(400);
        let Admission { verdict, full_at } = quota.admit(Some(ahead), start());
        assert_eq!(verdict, Verdict::Denied { retry_after: Duration::from_secs(30) });
        let later = quota.admit(Some(full_at), start() + TimeDelta::seconds(30));
        assert_eq!(later.verdict, Verdict::Allowed);
    }

    #[test]
    fn a_quota_that_was_cut_holds_from_the_next_call_on() {
        let (wide, narrow) = (
            Quota::new(100, Duration::from_secs(100)).unwrap(),
            Quota::new(2, Duration::from_secs(2)).unwrap(),
        );
        let mut full_at = None;
        for _ in 0..50 {
            full_at = Some(wide.admit(full_at, start()).full_at);
        }
        let verdict = narrow.admit(full_at, start()).verdict;
        assert_eq!(verdict, Verdict::Denied { retry_after: Duration::from_secs(1) });
    }

    proptest! {
        #[test]
        fn whatever_the_pace_no_span_of_the_quotas_length_sees_more_than_two_bursts(
            burst in 1_u32..20,
            per_micros in 1_u64..10_000_000,
            pauses in prop::collection::vec(0_i64..2_000_000, 1..200),
        ) {
            let quota = Quota::new(burst, Duration::from_micros(per_micros)).unwrap();
            let (mut now, mut full_at, mut allowed) = (start(), None, Vec::new());
            for pause in pauses {
                now += TimeDelta::microseconds(pause);
                let admission = quota.admit(full_at, now);
                full_at = Some(admission.full_at);
                if admission.verdict == Verdict::Allowed {
                    allowed.push(now);
                }
            }
            let per = TimeDelta::from_std(quota.per()).unwrap();
            for first in &allowed {
                let within = allowed.iter().filter(|at| *at >= first && **at < *first + per).count();
                prop_assert!(within <= 2 * usize::try_from(burst).unwrap());
            }
        }

        #[test]
        fn who_waits_as_long_as_told_is_allowed_and_who_does_not_is_denied(
            burst in 1_u32..20,
            per_micros in 1_u64..10_000_000,
        ) {
            let quota = Quota::new(burst, Duration::from_micros(per_micros)).unwrap();
            let mut full_at = None;
            let wait = loop {
                let admission = quota.admit(full_at, start());
                full_at = Some(admission.full_at);
                if let Verdict::Denied { retry_after } = admission.verdict {
                    break TimeDelta::from_std(retry_after).unwrap();
                }
            };
            prop_assert_eq!(full_at.map(|full_at| quota.open_at(full_at)), Some(start() + wait));
            let early = quota.admit(full_at, start() + wait - TimeDelta::microseconds(1)).verdict;
            prop_assert_eq!(early, Verdict::Denied { retry_after: Duration::from_micros(1) });
            prop_assert_eq!(quota.admit(full_at, start() + wait).verdict, Verdict::Allowed);
        }
    }
}
