//! Where statements run: on the thread that asks.
//!
//! A statement on a page that is in memory takes some microseconds; sending it to another thread and waiting for
//! that takes many times as long. What may wait (for another process's lock, for the disk) is the beginning and the end
//! of a transaction that writes, and [`crate::writer`] sees to those.

use std::{
    error::Error,
    future::{Future, ready},
    pin::Pin,
};

use diesel_async::sync_connection_wrapper::SpawnBlocking;

type Done<'a, R> = Pin<Box<dyn Future<Output = Result<R, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// Runs a statement where it is asked for.
pub(crate) struct Here;

impl SpawnBlocking for Here {
    fn spawn_blocking<'a, R>(&mut self, task: impl FnOnce() -> R + Send + 'static) -> Done<'a, R>
    where
        R: Send + 'static,
    {
        Box::pin(ready(Ok(task())))
    }

    fn get_runtime() -> Self {
        Self
    }
}
