//! What the server remembers: what it is to answer, what it was asked, and who hung up.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::watch;

use crate::{FakeAnswer, RecordedRequest};

/// Whether a key is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    Wanted,
    NotWanted,
}

pub(crate) struct State {
    script: Mutex<VecDeque<FakeAnswer>>,
    requests: Mutex<Vec<RecordedRequest>>,
    hang_ups: watch::Sender<usize>,
    connections: AtomicUsize,
    pub(crate) keys: Keys,
}

impl State {
    pub(crate) fn new(keys: Keys) -> Self {
        let hang_ups = watch::Sender::new(0);
        let connections = AtomicUsize::default();
        Self { script: Mutex::default(), requests: Mutex::default(), hang_ups, connections, keys }
    }

    pub(crate) fn script(&self, answer: FakeAnswer) {
        lock(&self.script).push_back(answer);
    }

    pub(crate) fn answers_left(&self) -> usize {
        lock(&self.script).len()
    }

    pub(crate) fn next_answer(&self) -> Option<FakeAnswer> {
        lock(&self.script).pop_front()
    }

    pub(crate) fn record(&self, request: RecordedRequest) {
        lock(&self.requests).push(request);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.requests).clone()
    }

    /// Notes that somebody has connected.
    pub(crate) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Notes that somebody hung up before the answer was whole.
    pub(crate) fn hung_up(&self) {
        self.hang_ups.send_modify(|count| *count += 1);
    }

    pub(crate) fn hang_ups(&self) -> watch::Receiver<usize> {
        self.hang_ups.subscribe()
    }
}

/// A panic while it was held leaves whole values behind, so the lock is good still.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
