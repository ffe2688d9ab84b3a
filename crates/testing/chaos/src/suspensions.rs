//! When a business was suspended, and so answered nobody.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// All suspensions so far.
#[derive(Default)]
pub(crate) struct Suspensions(Mutex<Vec<Suspension>>);

/// A time in which a business answers nobody.
#[derive(Clone, Copy, Debug)]
struct Suspension {
    tenant: usize,
    /// Before the operator asked for it.
    from: Instant,
    /// When it was certain.
    certain: Instant,
    /// When the operator asked for its end.
    ends: Option<Instant>,
    /// When the end was certain.
    until: Option<Instant>,
}

impl Suspensions {
    /// Notes that a business is suspended now, which was asked for at a time.
    pub(crate) fn began(&self, tenant: usize, from: Instant) {
        let suspension = Suspension { tenant, from, certain: Instant::now(), ends: None, until: None };
        self.all().push(suspension);
    }

    /// Notes that the last has ended, which was asked for at a time.
    pub(crate) fn ended(&self, ends: Instant) {
        if let Some(last) = self.all().last_mut() {
            (last.ends, last.until) = (Some(ends), Some(Instant::now()));
        }
    }

    /// Tells whether a business may have been suspended at some moment between these, so that silence was right.
    pub(crate) fn may_be_silent(&self, tenant: usize, since: Instant, until: Instant) -> bool {
        self.all().iter().any(|one| {
            one.tenant == tenant && one.from <= until && one.until.is_none_or(|over| since <= over)
        })
    }

    /// Tells whether a business was certainly suspended at a moment, and had been for so long.
    pub(crate) fn is_suspended_for(&self, tenant: usize, at: Instant, how_long: Duration) -> bool {
        self.all().iter().any(|one| {
            one.tenant == tenant && one.certain + how_long < at && one.ends.is_none_or(|ends| at < ends)
        })
    }

    fn all(&self) -> MutexGuard<'_, Vec<Suspension>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
