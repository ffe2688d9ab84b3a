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
pub struct MemoryCoolDown(Mutex<HashMap<ThrottleKey, CoolDownState>>);

#[async_trait]
impl CoolDown for MemoryCoolDown {
    async fn begin_attempt(&self, subject: &ThrottleKey, now: Timestamp) -> Verdict {
        let mut subjects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (verdict, state) = CoolDownPolicy::default().attempt(subjects.get(subject).copied(), now);
        subjects.insert(subject.clone(), state);
        verdict
    }

    async fn succeeded(&self, subject: &ThrottleKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(subject);
    }

    async fn withdrawn(&self, subject: &ThrottleKey) {
        let mut subjects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = subjects.get_mut(subject) {
            *state = CoolDownPolicy::default().withdrawn(*state);
        }
    }
}
