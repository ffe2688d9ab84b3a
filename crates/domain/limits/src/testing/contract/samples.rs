//! What the cases use: moments, requests, and many callers at once.

use std::{sync::Arc, time::Duration};

use chrono::{TimeDelta, TimeZone as _, Utc};
use kernel::{StoreError, Timestamp};
use tokio::task::JoinSet;

use crate::{
    Attempt, Begun, CallerId, Fingerprint, IdempotencyKey, IdempotencyOwner, IdempotencyStore, StoredAnswer,
};

/// How long an attempt holds its request.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// Returns a moment so many milliseconds after a fixed one, with microseconds that a store must keep.
pub(super) fn at(millis: i64) -> Timestamp {
    let start = Utc.with_ymd_and_hms(2026, 11, 2, 15, 0, 0).unwrap();
    start + TimeDelta::milliseconds(millis) + TimeDelta::microseconds(123)
}

/// Returns a moment so many seconds after the fixed one.
pub(super) fn after(seconds: i64) -> Timestamp {
    at(seconds * 1_000)
}

/// Runs one task many times at once, on as many threads as there are.
pub(super) async fn at_once<S: ?Sized, R: Send + 'static, F>(
    times: usize,
    shared: &Arc<S>,
    task: impl Fn(Arc<S>) -> F,
) -> Vec<R>
where
    F: Future<Output = R> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for _ in 0..times {
        tasks.spawn(task(Arc::clone(shared)));
    }
    tasks.join_all().await
}

/// Returns the fingerprint of a request with such a body.
pub(super) fn asked(body: &str) -> Fingerprint {
    Fingerprint::of("POST", "/api/v1/leads", body.as_bytes())
}

/// Returns an answer with such a body.
pub(super) fn answer(body: &str) -> StoredAnswer {
    StoredAnswer {
        status: 201,
        content_type: Some("application/json".into()),
        location: Some("/api/v1/leads/1".into()),
        body: body.into(),
    }
}

/// One key of one caller, in one store.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    store: &'a dyn IdempotencyStore,
    owner: IdempotencyOwner<'a>,
    key: &'a str,
    caller: &'a str,
}

impl<'a> Request<'a> {
    /// Names a key, of the caller `credential:one`.
    pub(super) fn new(
        store: &'a Arc<dyn IdempotencyStore>,
        owner: IdempotencyOwner<'a>,
        key: &'a str,
    ) -> Self {
        Self { store: &**store, owner, key, caller: "credential:one" }
    }

    /// Names the same key of another caller.
    pub(super) fn by(self, caller: &'a str) -> Self {
        Self { caller, ..self }
    }

    /// Begins a request with such a body, after so many seconds.
    pub(super) async fn begin(&self, body: &str, seconds: i64) -> Begun {
        let (key, caller) = self.names();
        let begun = self.store.begin(self.owner, &key, &caller, &asked(body), after(seconds), LEASE).await;
        begun.unwrap()
    }

    /// Begins a request with such a body, after so many seconds, and expects to start.
    pub(super) async fn start(&self, body: &str, seconds: i64) -> Attempt {
        match self.begin(body, seconds).await {
            Begun::Started(attempt) => attempt,
            other => panic!("not started: {other:?}"),
        }
    }

    /// Gives an answer, after so many seconds.
    pub(super) async fn finish(
        &self,
        attempt: Attempt,
        answer: &StoredAnswer,
        seconds: i64,
    ) -> Result<(), StoreError> {
        let (key, caller) = self.names();
        self.store.finish(self.owner, &key, &caller, attempt, answer, after(seconds)).await
    }

    /// Gives an answer that must not be taken.
    pub(super) async fn finish_in_vain(&self, attempt: Attempt, seconds: i64) {
        let outcome = self.finish(attempt, &answer("in vain"), seconds).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    }

    /// Begins and answers a request with such a body, after so many seconds.
    pub(super) async fn done(&self, body: &str, seconds: i64) {
        let attempt = self.start(body, seconds).await;
        self.finish(attempt, &answer(body), seconds).await.unwrap();
    }

    /// Abandons an attempt.
    pub(super) async fn abandon(&self, attempt: Attempt) {
        let (key, caller) = self.names();
        self.store.abandon(self.owner, &key, &caller, attempt).await.unwrap();
    }

    fn names(&self) -> (IdempotencyKey, CallerId) {
        (IdempotencyKey::parse(self.key).unwrap(), CallerId::parse(self.caller).unwrap())
    }
}
