//! Requests and answers, in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};
use tenancy::PlatformScope;

use crate::{
    Attempt, Begun, CallerId, Fingerprint, IdempotencyKey, IdempotencyOwner, IdempotencyStore, KEPT_FOR,
    StoredAnswer,
};

/// Remembers requests and answers in memory.
#[derive(Debug, Default)]
pub struct MemoryIdempotencyStore(Mutex<BTreeMap<[u8; 32], Entry>>);

#[derive(Debug)]
struct Entry {
    fingerprint: Fingerprint,
    attempt: Attempt,
    lease_until: Timestamp,
    answer: Option<StoredAnswer>,
    created_at: Timestamp,
}

impl Entry {
    fn begun(&self, fingerprint: &Fingerprint, now: Timestamp) -> Option<Begun> {
        if self.created_at + KEPT_FOR <= now {
            return None;
        }
        if self.fingerprint != *fingerprint {
            return Some(Begun::OtherRequest);
        }
        if let Some(answer) = &self.answer {
            return Some(Begun::Answered(answer.clone()));
        }
        let retry_after = (self.lease_until - now).to_std().ok().filter(|rest| !rest.is_zero())?;
        Some(Begun::InFlight { retry_after })
    }

    fn is_open(&self, attempt: Attempt) -> bool {
        self.attempt == attempt && self.answer.is_none()
    }
}

impl MemoryIdempotencyStore {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl IdempotencyStore for MemoryIdempotencyStore {
    async fn begin(
        &self,
        owner: IdempotencyOwner<'_>,
        key: &IdempotencyKey,
        caller: &CallerId,
        fingerprint: &Fingerprint,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Begun, StoreError> {
        let mut entries = self.lock();
        let digest = key.digest(owner, caller);
        let stored = entries.get(&digest);
        if let Some(begun) = stored.and_then(|entry| entry.begun(fingerprint, now)) {
            return Ok(begun);
        }
        let attempt = stored.map_or(Attempt::first(now), |entry| entry.attempt.next(now));
        let entry = Entry {
            fingerprint: *fingerprint,
            attempt,
            lease_until: now + lease,
            answer: None,
            created_at: now,
        };
        entries.insert(digest, entry);
        Ok(Begun::Started(attempt))
    }

    async fn finish(
        &self,
        owner: IdempotencyOwner<'_>,
        key: &IdempotencyKey,
        caller: &CallerId,
        attempt: Attempt,
        answer: &StoredAnswer,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut entries = self.lock();
        let stored = entries.get_mut(&key.digest(owner, caller)).filter(|entry| entry.is_open(attempt));
        let entry = stored.ok_or(StoreError::Conflict)?;
        entry.answer = Some(answer.clone());
        entry.created_at = at;
        Ok(())
    }

    async fn abandon(
        &self,
        owner: IdempotencyOwner<'_>,
        key: &IdempotencyKey,
        caller: &CallerId,
        attempt: Attempt,
    ) -> Result<(), StoreError> {
        let digest = key.digest(owner, caller);
        self.lock().retain(|stored, entry| *stored != digest || !entry.is_open(attempt));
        Ok(())
    }

    async fn purge(&self, _: &PlatformScope, before: Timestamp, at_most: usize) -> Result<usize, StoreError> {
        let mut entries = self.lock();
        let mut old: Vec<_> = entries
            .iter()
            .filter(|(_, entry)| entry.created_at < before)
            .map(|(digest, entry)| (entry.created_at, *digest))
            .collect();
        old.sort_unstable();
        old.truncate(at_most);
        for (_, digest) in &old {
            entries.remove(digest);
        }
        Ok(old.len())
    }
}
