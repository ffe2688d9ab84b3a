//! Calls, counted in memory.

use async_trait::async_trait;
use kernel::Timestamp;
use limits::{Quota, Throttle, ThrottleKey, Verdict};

use crate::{
    MOST_KEYS,
    table::{Kept, Table},
};

/// Counts the calls that this process gets.
///
/// What it keeps is bounded. When it is full it forgets keys that have calls left, those that have used the least
/// first, and never one that is denied.
#[derive(Debug)]
pub struct LocalThrottle(Table<Timestamp>);

impl LocalThrottle {
    /// Makes a throttle that remembers at most so many keys.
    pub fn new(at_most: usize) -> Self {
        Self(Table::new(at_most))
    }
}

/// Remembers at most 100 000 keys.
impl Default for LocalThrottle {
    fn default() -> Self {
        Self::new(MOST_KEYS)
    }
}

#[async_trait]
impl Throttle for LocalThrottle {
    async fn take(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Verdict {
        self.0.decide(key, now, |full_at| {
            let admission = quota.admit(full_at, now);
            (admission.verdict, kept(quota, admission.full_at))
        })
    }

    async fn give_back(&self, key: &ThrottleKey, quota: &Quota, _now: Timestamp) {
        self.0.change(key, |full_at| kept(quota, quota.give_back(full_at)));
    }

    async fn look(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Verdict {
        quota.admit(self.0.find(key), now).verdict
    }
}

fn kept(quota: &Quota, full_at: Timestamp) -> Kept<Timestamp> {
    Kept { state: full_at, open_at: quota.open_at(full_at), forget_at: full_at, weight: 0 }
}
