//! One job: when it is due, who holds it, and how its due time moves.

use std::time::Duration;

use chrono::TimeDelta;
use kernel::Timestamp;

/// A job that is to be done.
pub(super) struct Job {
    pub(super) run_at: Timestamp,
    /// How far the first of those that no claim has taken up lets it be put off.
    latest_run_at: Timestamp,
    pub(super) wanted: i64,
    pub(super) fence: i64,
    pub(super) attempts: i32,
    lease: Option<Lease>,
}

struct Lease {
    until: Timestamp,
    /// How often the job had been wanted when it was claimed.
    wanted: i64,
}

impl Job {
    pub(super) fn due_at(run_at: Timestamp, patience: TimeDelta) -> Self {
        Self { run_at, latest_run_at: run_at + patience, wanted: 1, fence: 0, attempts: 0, lease: None }
    }

    /// Wants the job done at a time, or earlier if it is wanted earlier. One that was given back rests until it is to be
    /// tried again.
    pub(super) fn want(&mut self, at: Timestamp) {
        if self.rests() {
            self.wanted += 1;
        } else {
            self.hurry(at);
        }
    }

    /// Wants the job done at a time, or earlier if it is wanted earlier, even if it rests.
    pub(super) fn hurry(&mut self, at: Timestamp) {
        self.run_at = if self.is_all_taken_up() { at } else { self.run_at.min(at) };
        self.wanted += 1;
    }

    /// Wants the job done at a time, later than it was wanted before as far as the first has patience. One that was
    /// given back rests.
    pub(super) fn put_off(&mut self, at: Timestamp, patience: TimeDelta) {
        if self.is_all_taken_up() {
            self.latest_run_at = at + patience;
        }
        if !self.rests() {
            self.run_at = at.min(self.latest_run_at);
        }
        self.wanted += 1;
    }

    /// Tells whether nobody holds the job and it does not rest, be it due or not.
    pub(super) fn can_be_claimed(&self, now: Timestamp) -> bool {
        match &self.lease {
            Some(lease) => lease.until <= now,
            None => !self.rests() || self.run_at <= now,
        }
    }

    /// Returns when the job can be claimed: when it is due, and its lease, if there is one, has ended.
    pub(super) fn free_at(&self) -> Timestamp {
        self.lease.as_ref().map_or(self.run_at, |lease| self.run_at.max(lease.until))
    }

    /// Tells whether a claim with this fence may still write.
    pub(super) fn is_claimed_with(&self, fence: i64) -> bool {
        self.lease.is_some() && self.fence == fence
    }

    /// Hands the job out. A lease that has run out counts as an attempt.
    pub(super) fn claim(&mut self, fence: i64, now: Timestamp, lease: Duration) {
        if self.lease.is_some() {
            self.attempts += 1;
        }
        let until = TimeDelta::from_std(lease).ok().and_then(|lease| now.checked_add_signed(lease));
        self.lease = Some(Lease { until: until.unwrap_or(Timestamp::MAX_UTC), wanted: self.wanted });
        self.fence = fence;
    }

    /// Takes the job back after a failure, to be tried again at a time, or earlier if somebody has asked for that since it
    /// was claimed and is in a hurry.
    pub(super) fn fail(&mut self, again_at: Timestamp, hurries: bool) {
        let is_hurried = hurries && !self.is_all_taken_up();
        self.run_at = if is_hurried { self.run_at.min(again_at) } else { again_at };
        self.lease = None;
        self.attempts += 1;
    }

    /// Takes the job back after a success that left something to do. It is due when that asked for.
    pub(super) fn go_on(&mut self) {
        self.lease = None;
        self.attempts = 0;
    }

    fn rests(&self) -> bool {
        self.lease.is_none() && self.attempts > 0
    }

    fn is_all_taken_up(&self) -> bool {
        self.lease.as_ref().is_some_and(|lease| lease.wanted == self.wanted)
    }
}
