//! The port that remembers requests and what was answered, so that a repeat does nothing twice.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};
use tenancy::{PlatformScope, TenantScope};
use uuid::Uuid;

use crate::{CallerId, Fingerprint, IdempotencyKey};

/// How long a key is remembered after it was begun or answered.
pub const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// Whose request it is.
#[derive(Clone, Copy, Debug)]
pub enum IdempotencyOwner<'a> {
    /// A tenant's.
    Tenant(&'a TenantScope),
    /// The operator's.
    Platform(&'a PlatformScope),
}

impl IdempotencyOwner<'_> {
    /// Returns the tenant's id; for the platform, nil.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Tenant(scope) => scope.tenant_id().uuid(),
            Self::Platform(_) => Uuid::nil(),
        }
    }
}

/// What was answered, to be given again word for word.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The content type, if there was one.
    pub content_type: Option<String>,
    /// Where the thing is that was made, if one was.
    pub location: Option<String>,
    /// The body. It may hold a secret that is shown once.
    pub body: Vec<u8>,
}

impl StoredAnswer {
    /// Puts an answer together from what a store keeps; `None` where `sealed` was not made by [`Self::to_sealed`].
    pub fn from_stored(status: u16, content_type: Option<String>, sealed: &[u8]) -> Option<Self> {
        let end = sealed.iter().position(|byte| *byte == b'\n')?;
        let (location, body) = sealed.split_at_checked(end)?;
        let location = String::from_utf8(location.to_vec()).ok()?;
        let location = (!location.is_empty()).then_some(location);
        Some(Self { status, content_type, location, body: body.get(1..)?.to_vec() })
    }

    /// Returns what of an answer a store seals, as one text: a line with the location, and the body. What a store
    /// shows of its answers is their status and content type.
    pub fn to_sealed(&self) -> Vec<u8> {
        let location = self.location.as_deref().unwrap_or_default();
        // A header's value has no line breaks; one that had would not read back.
        let line = location.bytes().filter(|byte| *byte != b'\n').chain(*b"\n");
        line.chain(self.body.iter().copied()).collect()
    }
}

/// Shows how long the body is and nothing of it.
impl fmt::Debug for StoredAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredAnswer")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("location", &self.location)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The number of an attempt at a request. Only the latest attempt of a key may end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(i64);

impl Attempt {
    /// Numbers a first attempt. The number comes from the time, so that it is not that of an attempt whose entry
    /// was abandoned or purged meanwhile.
    pub const fn first(now: Timestamp) -> Self {
        Self(now.timestamp_micros())
    }

    /// Numbers the attempt that takes over from this one.
    #[must_use]
    pub fn next(self, now: Timestamp) -> Self {
        Self::first(now).max(Self(self.0.saturating_add(1)))
    }

    /// Takes a number as a store keeps it.
    pub const fn from_stored(number: i64) -> Self {
        Self(number)
    }

    /// Returns the number, for stores.
    pub const fn number(self) -> i64 {
        self.0
    }
}

/// What a request that carries a key is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Do what was asked, and end the attempt with `finish` or `abandon`.
    Started(Attempt),
    /// Somebody else is doing it.
    InFlight {
        /// When their lease ends. Never zero.
        retry_after: Duration,
    },
    /// It was done: this was the answer.
    Answered(StoredAnswer),
    /// The key belongs to another request.
    OtherRequest,
}

/// Remembers requests and what was answered.
///
/// A key is scoped to its owner and its caller: what another tenant or another caller does with the same text makes
/// no difference. It is remembered for [`KEPT_FOR`], counted from when it was last begun or answered; an adapter MUST
/// treat an older one as unknown even where nobody has purged it.
///
/// An adapter MUST let one of many `begin`s at once start, in one process or in several. It MUST seal what
/// [`StoredAnswer::to_sealed`] returns, with the tenant's vault or the platform's, in a place that is bound to this key: an answer can hold a
/// secret that is shown once.
///
/// What is promised to a caller is that a repeat *after the answer* does nothing again. Should the process die
/// between deed and `finish`, the request is done again once the lease has ended.
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// Begins a request, or says why not to.
    ///
    /// The same key with another fingerprint is [`Begun::OtherRequest`], in flight or answered. While the lease of an
    /// attempt lasts, nobody else starts; from the moment it ends, the next `begin` takes over with a greater attempt
    /// number. A lease MUST last longer than a request may take.
    ///
    /// # Errors
    /// When the store cannot be reached, or what it holds cannot be read. The caller must not do what was asked.
    async fn begin(
        &self,
        owner: IdempotencyOwner<'_>,
        key: &IdempotencyKey,
        caller: &CallerId,
        fingerprint: &Fingerprint,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Begun, StoreError>;

    /// Ends an attempt with its answer. A lease that has ended makes no difference unless somebody has taken over.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], with nothing written, unless this is the key's latest attempt and has no answer yet.
    async fn finish(
        &self,
        owner: IdempotencyOwner<'_>,
        key: &IdempotencyKey,
        caller: &CallerId,
        attempt: Attempt,
        answer: &StoredAnswer,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Ends an attempt as though it had never begun, because nothing was done and a repeat may succeed. Does nothing
    /// unless this is the key's latest attempt and has no answer yet.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn abandon(
        &self,
        owner: IdempotencyOwner<'_>,
        key: &IdempotencyKey,
        caller: &CallerId,
        attempt: Attempt,
    ) -> Result<(), StoreError>;

    /// Deletes keys of all owners that were last begun or answered before a moment, oldest first and at most so many.
    /// Returns how many.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn purge(
        &self,
        platform: &PlatformScope,
        before: Timestamp,
        at_most: usize,
    ) -> Result<usize, StoreError>;
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::{Clock as _, testing::ManualClock};

    use super::*;

    #[test]
    fn numbers_of_attempts_rise_though_the_clock_stands_or_goes_back() {
        let now = ManualClock::default().now();
        let first = Attempt::first(now);
        let second = first.next(now);
        let third = second.next(now - TimeDelta::hours(1));
        assert!(first < second && second < third);
        assert_eq!(third.next(now + TimeDelta::hours(1)), Attempt::first(now + TimeDelta::hours(1)));
    }

    #[test]
    fn an_answers_debug_output_hides_the_body() {
        let answer = StoredAnswer {
            status: 201,
            content_type: None,
            location: None,
            body: b"cc_live_secret".to_vec(),
        };
        assert_eq!(
            format!("{answer:?}"),
            "StoredAnswer { status: 201, content_type: None, location: None, body_bytes: 14 }"
        );
    }

    #[test]
    fn what_is_no_sealed_answer_is_not_read() {
        for sealed in [b"".as_slice(), b"no line", b"\xff\nbody"] {
            assert_eq!(StoredAnswer::from_stored(200, None, sealed), None);
        }
    }
}
