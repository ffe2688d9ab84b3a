//! Calls and attempts, counted in memory.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use kernel::Timestamp;

use crate::{CoolDown, CoolDownPolicy, CoolDownState, Quota, Throttle, ThrottleKey, Verdict};

/// Counts calls in memory.
#[derive(Debug, Default)]
pub struct MemoryThrottle(Mutex<HashMap<ThrottleKey, Timestamp>>);

#[async_trait]
impl Throttle for MemoryThrottle {
    async fn take(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Verdict {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let admission = quota.admit(keys.get(key).copied(), now);
        keys.insert(key.clone(), admission.full_at);
        admission.verdict
    }

    async fn give_back(&self, key: &ThrottleKey, quota: &Quota, _now: Timestamp) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full_at) = keys.get_mut(key) {
            *full_at = quota.give_back(*full_at);
        }
    }

    async fn look(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Verdict {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        quota.admit(keys.get(key).copied(), now).verdict
    }
}

/// Counts attempts in memory.
#[derive(Debug, Default)]
pub struct MemoryCoolDown {
    attempts: Mutex<HashMap<ThrottleKey, CoolDownState>>,
    known_until: Mutex<HashMap<ThrottleKey, Timestamp>>,
}

#[async_trait]
impl CoolDown for MemoryCoolDown {
    async fn begin_attempt(&self, subject: &ThrottleKey, now: Timestamp) -> Verdict {
        let mut subjects = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let (verdict, state) = CoolDownPolicy::default().attempt(subjects.get(subject).copied(), now);
        subjects.insert(subject.clone(), state);
        verdict
    }

    async fn succeeded(&self, subject: &ThrottleKey, now: Timestamp) {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).remove(subject);
        let until = CoolDownPolicy::default().known_until(now);
        self.known_until.lock().unwrap_or_else(PoisonError::into_inner).insert(subject.clone(), until);
    }

    async fn has_succeeded(&self, subject: &ThrottleKey, now: Timestamp) -> bool {
        let known = self.known_until.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(subject).is_some_and(|until| *until > now)
    }

    async fn withdrawn(&self, subject: &ThrottleKey) {
        let mut subjects = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = subjects.get_mut(subject) {
            *state = CoolDownPolicy::default().withdrawn(*state);
        }
    }
}
