//! Where statements run: here, on the thread that asks, unless told to run elsewhere.
//!
//! A statement on a page that is in memory takes some microseconds; sending it to another thread and waiting for
//! that takes many times as long. What may wait (for another process's lock, for the disk) runs elsewhere: the
//! beginning and the end of a transaction that writes.

use std::{
    error::Error,
    future::{Future, ready},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use diesel_async::sync_connection_wrapper::SpawnBlocking;

type Done<'a, R> = Pin<Box<dyn Future<Output = Result<R, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// Where the statements of one connection run. Clones steer the same connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runtime {
    elsewhere: Arc<AtomicBool>,
}

impl Runtime {
    /// Lets the next statements run on a thread that may wait.
    pub(crate) fn run_elsewhere(&self) {
        self.elsewhere.store(true, Ordering::Relaxed);
    }

    /// Lets the next statements run on the thread that asks.
    pub(crate) fn run_here(&self) {
        self.elsewhere.store(false, Ordering::Relaxed);
    }
}

impl SpawnBlocking for Runtime {
    fn spawn_blocking<'a, R>(&mut self, task: impl FnOnce() -> R + Send + 'static) -> Done<'a, R>
    where
        R: Send + 'static,
    {
        if !self.elsewhere.load(Ordering::Relaxed) {
            return Box::pin(ready(Ok(task())));
        }
        // Should the caller go away, the statement still runs to its end, and the connection waits for that.
        let running = tokio::task::spawn_blocking(task);
        Box::pin(async move { Ok(running.await?) })
    }

    fn get_runtime() -> Self {
        Self::default()
    }
}
