//! Times in which something was wrong, and how long customers waited on after them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{customers::Writing, stage::Stage};

/// How often is looked whether faults are left.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A time in which something was wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) from: Instant,
    pub(crate) until: Instant,
}

impl Span {
    /// Returns the time from a moment until now.
    pub(crate) fn since(from: Instant) -> Self {
        Self { from, until: Instant::now() }
    }

    /// Waits until no request is left that a fault is to meet, or until the run ends, and returns the time since now.
    pub(crate) async fn of_faults(stage: Arc<Stage>, left: fn(&Stage) -> usize, ends_at: Instant) -> Self {
        let from = Instant::now();
        while left(&stage) > 0 && Instant::now() < ends_at {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Self::since(from)
    }
}

/// Returns how long a customer waited on after the first trouble of the wait was over; `None` for who met none, or was
/// answered before one was over.
pub(crate) fn recovery(writing: &Writing, troubles: &[Span]) -> Option<Duration> {
    let answered_at = writing.acked_at + writing.answered_in?;
    let met = troubles.iter().filter(|one| one.from < answered_at && writing.acked_at < one.until);
    answered_at.checked_duration_since(met.map(|one| one.until).min()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how long somebody waited on who wrote in second 10, with troubles from and until these seconds.
    fn waited_on(answered_in: Option<u64>, troubles: &[(u64, u64)]) -> Option<u64> {
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let mut writing = Writing::example(at(10));
        writing.answered_in = answered_in.map(Duration::from_secs);
        let troubles: Vec<_> =
            troubles.iter().map(|(from, until)| Span { from: at(*from), until: at(*until) }).collect();
        recovery(&writing, &troubles).map(|waited| waited.as_secs())
    }

    #[test]
    fn a_slow_recovery_shows_although_the_next_trouble_has_come() {
        assert_eq!(waited_on(Some(60), &[(9, 12), (13, 30), (31, 69)]), Some(58));
    }

    #[test]
    fn only_troubles_count_that_a_wait_has_met() {
        assert_eq!(waited_on(Some(5), &[(1, 9), (11, 12), (16, 17)]), Some(3));
        assert_eq!(waited_on(Some(5), &[(1, 9), (16, 17)]), None);
    }

    #[test]
    fn who_was_answered_meanwhile_or_never_has_waited_for_no_recovery() {
        assert_eq!(waited_on(Some(5), &[(9, 20)]), None);
        assert_eq!(waited_on(None, &[(9, 12)]), None);
    }
}
