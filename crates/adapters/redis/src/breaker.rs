//! Keeps callers away from a Redis that has failed, for a time that grows with each failure and is bounded.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Go ahead, and tell what came of it.
    Granted,
    /// Do without.
    Refused,
    /// Do without, and see to it that somebody tries whether Redis is back. Only one caller is told so.
    TryInBackground,
}

/// Knows whether Redis is to be left alone.
#[derive(Debug)]
pub(crate) struct Breaker {
    shortest: Duration,
    longest: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Failures since the last success.
    failures: u32,
    absence: Option<Absence>,
}

#[derive(Clone, Copy, Debug)]
struct Absence {
    since: Instant,
    until: Instant,
    is_tried: bool,
}

impl Breaker {
    /// Makes one that lets everybody through.
    pub(crate) fn new(shortest: Duration, longest: Duration) -> Self {
        Self { shortest, longest, state: Mutex::default() }
    }

    /// Asks whether Redis may be used.
    pub(crate) fn ask(&self, now: Instant) -> Permission {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut state.absence {
            None => Permission::Granted,
            Some(absence) if absence.is_tried || now < absence.until => Permission::Refused,
            Some(absence) => {
                absence.is_tried = true;
                Permission::TryInBackground
            }
        }
    }

    /// Notes that a caller was served.
    pub(crate) fn succeeded(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.absence.is_none() {
            state.failures = 0;
        }
    }

    /// Notes that the trial succeeded: callers are let through again. Until one of them is served, the failures
    /// still count: a Redis that answers a ping and nothing else is not back.
    pub(crate) fn is_back(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).absence = None;
    }

    /// Notes a failure of a call that began at `began`; `true` when it is why callers are kept away from now on.
    ///
    /// Calls that were under way when the first of them failed are one failure, not many.
    pub(crate) fn failed(&self, began: Instant, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.absence.is_some_and(|absence| began <= absence.since) {
            return false;
        }
        let is_new = state.absence.is_none();
        let growth = 2_u32.saturating_pow(state.failures.min(16));
        let length = self.shortest.saturating_mul(growth).min(self.longest);
        state.failures = state.failures.saturating_add(1);
        state.absence = Some(Absence { since: now, until: now + length, is_tried: false });
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORTEST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(5);

    fn breaker() -> (Breaker, Instant) {
        (Breaker::new(SHORTEST, LONGEST), Instant::now())
    }

    /// Fails every trial, and returns how long callers were kept away before each.
    fn absences(breaker: &Breaker, mut now: Instant, count: usize) -> Vec<Duration> {
        let mut lengths = Vec::new();
        for _ in 0..count {
            let began = now;
            while breaker.ask(now) != Permission::TryInBackground {
                now += Duration::from_millis(10);
            }
            lengths.push(now - began);
            breaker.failed(now, now + Duration::from_nanos(1));
            now += Duration::from_nanos(1);
        }
        lengths
    }

    #[test]
    fn after_a_failure_callers_are_refused_and_then_one_has_it_tried() {
        let (breaker, now) = breaker();
        assert_eq!(breaker.ask(now), Permission::Granted);
        assert!(breaker.failed(now, now));
        assert_eq!(breaker.ask(now + SHORTEST / 2), Permission::Refused);
        assert_eq!(breaker.ask(now + SHORTEST), Permission::TryInBackground);
        assert_eq!(breaker.ask(now + SHORTEST), Permission::Refused);
        breaker.is_back();
        assert_eq!(breaker.ask(now + SHORTEST), Permission::Granted);
    }

    #[test]
    fn the_absence_grows_and_is_bounded() {
        let (breaker, now) = breaker();
        breaker.failed(now, now);
        let lengths = absences(&breaker, now, 10);
        assert_eq!(lengths.first(), Some(&SHORTEST));
        assert!(lengths.is_sorted(), "{lengths:?}");
        assert_eq!(lengths.last(), Some(&LONGEST));
    }

    #[test]
    fn calls_that_were_under_way_together_are_one_failure() {
        let (breaker, now) = breaker();
        let failed_at = now + Duration::from_millis(50);
        assert!(breaker.failed(now, failed_at));
        for _ in 0..20 {
            assert!(!breaker.failed(now, failed_at));
        }
        assert_eq!(breaker.ask(failed_at + SHORTEST), Permission::TryInBackground);
    }

    #[test]
    fn a_late_failure_of_before_does_not_stand_for_the_trial() {
        let (breaker, now) = breaker();
        breaker.failed(now, now + SHORTEST);
        let later = now + SHORTEST * 2;
        assert_eq!(breaker.ask(later), Permission::TryInBackground);
        assert!(!breaker.failed(now, later));
        breaker.is_back();
        assert_eq!(breaker.ask(later), Permission::Granted);
    }

    #[test]
    fn only_a_caller_who_was_served_ends_the_growth() {
        let (breaker, now) = breaker();
        breaker.failed(now, now);
        absences(&breaker, now, 3);
        breaker.is_back();
        let later = now + LONGEST;
        breaker.failed(later, later);
        assert_eq!(breaker.ask(later + SHORTEST * 8), Permission::Refused);
        breaker.is_back();
        breaker.succeeded();
        let last = now + LONGEST * 2;
        breaker.failed(last, last);
        assert_eq!(breaker.ask(last + SHORTEST), Permission::TryInBackground);
    }
}
