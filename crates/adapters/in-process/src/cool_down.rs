//! Attempts, counted in memory.

use async_trait::async_trait;
use kernel::Timestamp;
use limits::{CoolDown, CoolDownPolicy, CoolDownState, ThrottleKey, Verdict};

use crate::{
    MOST_KEYS,
    table::{Kept, Table},
};

/// Counts the attempts that this process sees.
///
/// What it keeps is bounded. When it is full it forgets subjects that need not wait, those with the fewest failures
/// first, and never one that must. As many more are remembered that have succeeded, those that did so last.
#[derive(Debug)]
pub struct LocalCoolDown {
    policy: CoolDownPolicy,
    subjects: Table<CoolDownState>,
    known_until: Table<Timestamp>,
}

impl LocalCoolDown {
    /// Makes a cool-down that remembers at most so many subjects.
    pub fn new(at_most: usize) -> Self {
        Self {
            policy: CoolDownPolicy::default(),
            subjects: Table::new(at_most),
            known_until: Table::new(at_most),
        }
    }

    fn kept(&self, state: CoolDownState) -> Kept<CoolDownState> {
        Kept {
            state,
            open_at: self.policy.open_at(&state),
            forget_at: self.policy.forget_at(&state),
            weight: state.failures,
        }
    }
}

/// Remembers at most 100 000 subjects.
impl Default for LocalCoolDown {
    fn default() -> Self {
        Self::new(MOST_KEYS)
    }
}

#[async_trait]
impl CoolDown for LocalCoolDown {
    async fn begin_attempt(&self, subject: &ThrottleKey, now: Timestamp) -> Verdict {
        self.subjects.decide(subject, now, |state| {
            let (verdict, state) = self.policy.attempt(state, now);
            (verdict, self.kept(state))
        })
    }

    async fn succeeded(&self, subject: &ThrottleKey, now: Timestamp) {
        self.subjects.forget(subject);
        let until = self.policy.known_until(now);
        let kept = Kept { state: until, open_at: now, forget_at: until, weight: 0 };
        self.known_until.decide(subject, now, |_| (Verdict::Allowed, kept));
    }

    async fn has_succeeded(&self, subject: &ThrottleKey, now: Timestamp) -> bool {
        self.known_until.find(subject).is_some_and(|until| until > now)
    }

    async fn withdrawn(&self, subject: &ThrottleKey) {
        self.subjects.change(subject, |state| self.kept(self.policy.withdrawn(state)));
    }
}
