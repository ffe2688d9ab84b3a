//! The port that makes guessing slow, and the rule by which it does.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::Timestamp;

use crate::{ThrottleKey, Verdict};

/// Makes guessing slow, as [`CoolDownPolicy::attempt`] says.
///
/// It cannot fail, so it cannot fail open: an adapter whose shared state cannot be reached MUST count by itself,
/// within this process. Attempts at once MUST NOT share an allowance: an attempt counts as a failure as soon as it
/// has begun, so that of many guesses at once no more get through than one after the other.
///
/// Who knows a subject can keep it cooling down. Where that must not shut its owner out, the caller counts for
/// account and address together, or asks for something else besides.
#[async_trait]
pub trait CoolDown: Send + Sync {
    /// Counts an attempt, and says whether it may be made. Asked before anything is verified.
    async fn begin_attempt(&self, subject: &ThrottleKey, now: Timestamp) -> Verdict;

    /// Forgets every attempt of a subject that has proved who it is, and remembers that it has.
    async fn succeeded(&self, subject: &ThrottleKey, now: Timestamp);

    /// Says whether a subject has proved who it is within [`CoolDownPolicy::known_for`]. An adapter may forget it, and MUST
    /// NOT make it up.
    async fn has_succeeded(&self, subject: &ThrottleKey, now: Timestamp) -> bool;

    /// Takes back one attempt that found nothing out, because nobody had the time to verify it. What failed before it
    /// stays counted, and the wait for it began when it did.
    async fn withdrawn(&self, subject: &ThrottleKey);
}

/// After how many attempts without success the next one waits, and how long.
///
/// There is one policy, the [`Default`]: 5 attempts at once; then 30 s, doubled with each further attempt up to
/// 15 min; forgotten 24 h after the last. A success is remembered for 60 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoolDownPolicy {
    at_once: u32,
    first_wait: Duration,
    longest_wait: Duration,
    forgotten_after: Duration,
    known_for: Duration,
}

/// What is kept of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoolDownState {
    /// Attempts that were allowed since the last success.
    pub failures: u32,
    /// When the last of them began.
    pub last_at: Timestamp,
    /// When the one before it began, where there was one: the last of them, should that one be taken back.
    pub before: Option<Timestamp>,
}

impl CoolDownPolicy {
    /// Decides on one attempt, and says what is to be kept of the subject from now on.
    ///
    /// An attempt that is denied counts for nothing: who tries too early does not wait the longer for it. A
    /// `last_at` in the future, because the clock was set back, counts as now.
    pub fn attempt(&self, state: Option<CoolDownState>, now: Timestamp) -> (Verdict, CoolDownState) {
        let known = state.filter(|state| self.forget_at(state) > now);
        let Some(state) = known else {
            return (Verdict::Allowed, CoolDownState { failures: 1, last_at: now, before: None });
        };
        let state = CoolDownState { last_at: state.last_at.min(now), ..state };
        let rest = self.open_at(&state) - now;
        match rest.to_std() {
            Ok(retry_after) if !retry_after.is_zero() => (Verdict::Denied { retry_after }, state),
            _ => {
                let failures = state.failures.saturating_add(1);
                (Verdict::Allowed, CoolDownState { failures, last_at: now, before: Some(state.last_at) })
            }
        }
    }

    /// Says what is to be kept of a subject when one of its attempts is taken back.
    pub fn withdrawn(&self, state: CoolDownState) -> CoolDownState {
        let CoolDownState { failures, last_at, before } = state;
        let failures = failures.saturating_sub(1);
        CoolDownState { failures, last_at: before.unwrap_or(last_at), before: None }
    }

    /// Returns from when on a subject may try again.
    pub fn open_at(&self, state: &CoolDownState) -> Timestamp {
        later(state.last_at, self.wait_after(state.failures))
    }

    /// Returns from when on a subject may be forgotten, as though it had never tried.
    pub fn forget_at(&self, state: &CoolDownState) -> Timestamp {
        later(state.last_at, self.forgotten_after)
    }

    /// Returns how long after its last attempt a subject is remembered.
    pub const fn forgotten_after(&self) -> Duration {
        self.forgotten_after
    }

    /// Returns how long a success is remembered.
    pub const fn known_for(&self) -> Duration {
        self.known_for
    }

    /// Returns until when a success is remembered.
    pub fn known_until(&self, succeeded_at: Timestamp) -> Timestamp {
        later(succeeded_at, self.known_for)
    }

    /// Returns how long after so many failures the next attempt waits.
    pub fn wait_after(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(self.at_once) else {
            return Duration::ZERO;
        };
        let factor = 2_u32.saturating_pow(doublings);
        self.first_wait.saturating_mul(factor).min(self.longest_wait)
    }
}

impl Default for CoolDownPolicy {
    fn default() -> Self {
        Self {
            at_once: 5,
            first_wait: Duration::from_secs(30),
            longest_wait: Duration::from_secs(15 * 60),
            forgotten_after: Duration::from_secs(24 * 60 * 60),
            known_for: Duration::from_secs(60 * 24 * 60 * 60),
        }
    }
}

fn later(moment: Timestamp, by: Duration) -> Timestamp {
    let by = TimeDelta::from_std(by).ok();
    by.and_then(|by| moment.checked_add_signed(by)).unwrap_or(Timestamp::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use kernel::{Clock as _, testing::ManualClock};

    use super::*;

    fn start() -> Timestamp {
        ManualClock::default().now()
    }

    #[test]
    fn waits_double_from_thirty_seconds_to_fifteen_minutes() {
        let policy = CoolDownPolicy::default();
        let waits = [4, 5, 6, 7, 8, 9, 10, 11, 100, u32::MAX].map(|failures| policy.wait_after(failures));
        assert_eq!(waits.map(|wait| wait.as_secs()), [0, 30, 60, 120, 240, 480, 900, 900, 900, 900]);
    }

    #[test]
    fn after_the_clock_was_set_back_nobody_waits_longer_than_the_policy_says() {
        let policy = CoolDownPolicy::default();
        let ahead = CoolDownState { failures: 5, last_at: start() + TimeDelta::days(400), before: None };
        let (verdict, state) = policy.attempt(Some(ahead), start());
        assert_eq!(verdict, Verdict::Denied { retry_after: Duration::from_secs(30) });
        let (verdict, _) = policy.attempt(Some(state), start() + TimeDelta::seconds(30));
        assert_eq!(verdict, Verdict::Allowed);
    }

    #[test]
    fn a_state_says_when_its_wait_is_over_and_when_it_may_be_forgotten() {
        let policy = CoolDownPolicy::default();
        let state = CoolDownState { failures: 6, last_at: start(), before: None };
        assert_eq!(policy.open_at(&state), start() + TimeDelta::seconds(60));
        assert_eq!(policy.forget_at(&state), start() + TimeDelta::days(1));
    }
}
