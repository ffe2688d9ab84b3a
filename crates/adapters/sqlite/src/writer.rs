//! The connection that writes. Transactions that wait for it at the same time share one commit, and so one wait for
//! the disk.
//!
//! Each runs alone in a savepoint of its own, one after another in the order in which they asked, and none is told
//! that it is kept before all of them are.

use std::{
    mem,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::{
    QueryResult, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _, result::Error,
    sql_query,
};
use kernel::StoreError;
use tokio::{
    sync::{Mutex, OwnedMutexGuard, oneshot},
    task::spawn_blocking,
};

use crate::{
    connection::{Conn, Plan as _},
    errors::store_error,
};

/// So many transactions share a commit at most.
const MOST_AT_ONCE: usize = 64;

/// So long a transaction that has done its work waits for others to do theirs, and for the rest of one that is at work.
const LONGEST_WAIT: Duration = Duration::from_millis(5);

/// How long the beginning of a transaction waits for another process that writes, where it may wait.
const PATIENTLY: &str = "PRAGMA busy_timeout = 10000";

/// Another process that writes is an error at once.
const AT_ONCE: &str = "PRAGMA busy_timeout = 0";

/// The connection that writes.
pub(crate) struct Writer {
    conn: Conn,
    group: Group,
    /// Whether a transaction is at work.
    at_work: bool,
}

/// Transactions that have done their work and are to be committed together.
#[derive(Default)]
struct Group {
    /// How many groups there were before it.
    number: u64,
    first_done: Option<Instant>,
    waiting: Vec<oneshot::Sender<Result<(), StoreError>>>,
}

impl Group {
    fn is_full(&self) -> bool {
        self.waiting.len() >= MOST_AT_ONCE || self.first_done.is_some_and(|at| at.elapsed() >= LONGEST_WAIT)
    }

    /// Lets the next group begin, and returns who waits for the outcome of this one.
    fn end(&mut self) -> Vec<oneshot::Sender<Result<(), StoreError>>> {
        self.number += 1;
        self.first_done = None;
        mem::take(&mut self.waiting)
    }
}

impl Writer {
    pub(crate) fn new(mut conn: SqliteConnection) -> QueryResult<Self> {
        conn.batch_execute(AT_ONCE)?;
        Ok(Self { conn: Conn::new(conn), group: Group::default(), at_work: false })
    }

    /// Commits what has been done and not been committed. Waits for the disk.
    pub(crate) fn commit(&mut self) {
        if self.group.waiting.is_empty() {
            return;
        }
        match self.execute("COMMIT") {
            Ok(()) => {
                for waiting in self.group.end() {
                    // Whoever asked may have gone away; it is kept all the same.
                    let _ = waiting.send(Ok(()));
                }
            }
            Err(error) => drop(self.fail(error)),
        }
    }

    /// Begins a transaction: beside others that wait to be committed, if there are any. Fails where another process writes.
    fn begin(&mut self) -> QueryResult<()> {
        if self.group.waiting.is_empty() {
            self.execute("BEGIN IMMEDIATE")?;
        }
        self.execute("SAVEPOINT part")?;
        self.at_work = true;
        Ok(())
    }

    /// Begins one when another process lets it.
    fn begin_patiently(&mut self) -> QueryResult<()> {
        self.execute_unprepared(PATIENTLY)?;
        let begun = self.begin();
        self.execute_unprepared(AT_ONCE)?;
        begun
    }

    /// Ends a transaction that is to be kept, and returns where it will be told whether it is.
    fn finish(&mut self) -> Result<oneshot::Receiver<Result<(), StoreError>>, StoreError> {
        self.at_work = false;
        if let Err(error) = self.execute("RELEASE part") {
            return Err(self.fail(error));
        }
        let (answer, told) = oneshot::channel();
        self.group.first_done.get_or_insert_with(Instant::now);
        self.group.waiting.push(answer);
        Ok(told)
    }

    /// Undoes what a transaction has done that is not to be kept.
    ///
    /// Where it came after others it may have seen what they did, and whoever asked acts on that: reads again, or
    /// leaves be what somebody else has done. So they are committed before it ends, which waits for the disk here.
    fn abandon(&mut self) {
        self.at_work = false;
        if self.group.waiting.is_empty() {
            // Fails where SQLite has rolled back by itself, which is just as well.
            let _ = self.execute("ROLLBACK");
            return;
        }
        match self.execute("ROLLBACK TO part").and_then(|()| self.execute("RELEASE part")) {
            Ok(()) => self.commit(),
            Err(error) => drop(self.fail(error)),
        }
    }

    /// Tells everybody in the group that nothing of it was kept, and returns what they are told. SQLite rolls back by
    /// itself when the disk fails.
    fn fail(&mut self, error: Error) -> StoreError {
        let _ = self.execute("ROLLBACK");
        let error = Arc::new(error);
        for waiting in self.group.end() {
            let _ = waiting.send(Err(StoreError::Unavailable(Arc::clone(&error).into())));
        }
        StoreError::Unavailable(error.into())
    }

    /// Executes a statement, and keeps it prepared.
    fn execute(&mut self, statement: &'static str) -> QueryResult<()> {
        self.conn.run_now(move |conn| sql_query(statement).planned().execute(conn)).map(drop)
    }

    fn execute_unprepared(&mut self, statement: &'static str) -> QueryResult<()> {
        self.conn.run_now(move |conn| conn.batch_execute(statement))
    }
}

impl Deref for Writer {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Writer {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// The right to write, held by one transaction. What it has done is undone when it is dropped, unless it was finished.
pub(crate) struct Held(OwnedMutexGuard<Writer>);

impl Held {
    /// Waits for the writer, and begins a transaction.
    pub(crate) async fn begin(writer: &Arc<Mutex<Writer>>) -> Result<Self, StoreError> {
        let mut held = Self(Arc::clone(writer).lock_owned().await);
        if held.0.begin().is_ok() {
            return Ok(held);
        }
        let begun = spawn_blocking(move || held.0.begin_patiently().map(|()| held)).await;
        begun.map_err(|lost| StoreError::Unavailable(lost.into()))?.map_err(store_error)
    }

    /// Makes what was written durable, together with what others write who wait for the writer now.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let told = self.0.finish()?;
        let writer = Arc::clone(OwnedMutexGuard::mutex(&self.0));
        let number = self.0.group.number;
        let is_first = self.0.group.waiting.len() == 1;
        if self.0.group.is_full() {
            self.commit_elsewhere();
        } else {
            drop(self);
            match Arc::clone(&writer).try_lock_owned() {
                // Nobody waits.
                Ok(writer) => Self(writer).commit_elsewhere(),
                // Runs to its end even if all of them go away.
                Err(_) if is_first => drop(tokio::spawn(commit_after_others(writer, number))),
                Err(_) => {}
            }
        }
        told.await.map_err(|lost| StoreError::Unavailable(lost.into()))?
    }

    /// Commits on a thread that may wait for the disk.
    fn commit_elsewhere(mut self) {
        drop(spawn_blocking(move || self.0.commit()));
    }
}

/// Commits a group when those have had their turn who waited for the writer before, unless somebody else has.
async fn commit_after_others(writer: Arc<Mutex<Writer>>, number: u64) {
    let held = Held(writer.lock_owned().await);
    if held.0.group.number == number {
        held.commit_elsewhere();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.0.at_work {
            self.0.abandon();
        }
    }
}

impl Deref for Held {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0.conn
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0.conn
    }
}

#[cfg(test)]
pub(crate) mod tests;
