//! Copying the write-ahead log into the database file, beside whoever writes and not in their way.
//!
//! A commit waits for the log alone. What is in the log must come into the file at some time, page by page wherever
//! the rows belong, and that takes as long as many commits, the longer the farther apart the tenants are.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use diesel::{QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query, sql_types::Integer};
use tokio::sync::Mutex;

use crate::{
    db::{OpenError, establish},
    writer::Writer,
};

/// The log is copied when so many messages, or other changes, have been written since the last time.
const EVERY: usize = 100;

/// From so many pages on (16 MiB) the writer waits until the log has been copied to its end: only then does the next
/// commit begin the log anew, and reading takes longer the longer it is.
const LONG: i32 = 4_000;

/// Copies the log from time to time, on a thread of its own, until it is dropped.
pub(crate) struct Checkpointer {
    uncopied: AtomicUsize,
    /// `None` once the thread is told to end.
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the thread, with a connection of its own.
    ///
    /// # Errors
    /// When the file does not open, or there can be no further thread.
    pub(crate) fn start(path: &Path, writer: Arc<Mutex<Writer>>) -> Result<Self, OpenError> {
        let conn = establish(path)?;
        // One waits at most: whoever comes while the log is being copied asks for one copy more.
        let (wake, woken) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || copy_when_woken(conn, &woken, &writer))
            .map_err(|error| OpenError::File { path: path.to_owned(), source: error.into() })?;
        Ok(Self { uncopied: AtomicUsize::new(0), wake: Some(wake), thread: Some(thread) })
    }

    /// Hears that something has been committed.
    pub(crate) fn committed(&self, changes: usize) {
        if self.uncopied.fetch_add(changes, Ordering::Relaxed) + changes < EVERY {
            return;
        }
        self.uncopied.store(0, Ordering::Relaxed);
        if let Some(wake) = &self.wake {
            // It is being woken already.
            let _ = wake.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What SQLite says of a copy.
#[derive(QueryableByName)]
struct Copied {
    /// Pages in the log.
    #[diesel(sql_type = Integer)]
    log: i32,
}

fn copy_when_woken(mut conn: SqliteConnection, woken: &Receiver<()>, writer: &Mutex<Writer>) {
    while woken.recv().is_ok() {
        if copy(&mut conn).is_some_and(|copied| copied.log >= LONG) {
            let mut writer = writer.blocking_lock();
            // The log begins anew only for a transaction that begins when all of it has been copied.
            writer.commit();
            // What has been written meanwhile is little.
            copy(&mut conn);
        }
    }
}

/// Copies what is in the log and nobody reads any more. A copy that fails leaves everything in the log, and is made up for
/// by the next one.
fn copy(conn: &mut SqliteConnection) -> Option<Copied> {
    sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result(conn).ok()
}
