//! Word of what another process has written to the same file.
//!
//! SQLite counts for each connection how often somebody else has committed. Whatever this process writes goes through one
//! connection, so to that one everybody else is another process. It is asked twenty times a second. What this process changes
//! itself is forgotten when it is changed.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tenancy::{Changed, Forgetful, Holders, Invalidations};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{Stores, db::Database};

/// The time between two questions: how long others' changes may go unnoticed.
const PAUSE: Duration = Duration::from_millis(50);

/// How long an answer holds. The connection may be busy when it is to be asked.
const HOLDS: Duration = Duration::from_millis(500);

/// Hears of what other processes write to the same file. Dropping it ends that.
struct SqliteInvalidations {
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

struct Shared {
    holders: Holders,
    start: Instant,
    /// Microseconds after `start`; 0 when it is not known whether anybody has written.
    good_until: AtomicU64,
}

impl Stores {
    /// Begins to watch what other processes write to the file. Call it within a tokio runtime.
    pub fn watch_changes(&self) -> Arc<dyn Invalidations> {
        let shared = Arc::new(Shared {
            holders: Holders::default(),
            start: Instant::now(),
            good_until: AtomicU64::new(0),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(watch(Arc::downgrade(&self.db), Arc::clone(&shared)));
        Arc::new(SqliteInvalidations { shared, _tasks: tasks })
    }
}

#[async_trait]
impl Invalidations for SqliteInvalidations {
    fn is_heard(&self) -> bool {
        self.shared.micros() < self.shared.good_until.load(Ordering::SeqCst)
    }

    fn register(&self, holder: Weak<dyn Forgetful>) {
        self.shared.holders.register(holder);
    }

    fn changed(&self, what: Changed) {
        self.shared.holders.hear(what);
    }

    /// Others see the change in the file; there is nobody to tell.
    async fn told(&self) {}
}

impl Shared {
    fn micros(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// Asks until the database is closed.
async fn watch(database: Weak<Database>, shared: Arc<Shared>) {
    let mut known = None;
    while let Some(database) = database.upgrade() {
        let asked = shared.micros();
        let found = database.others_commits().await;
        drop(database);
        match found {
            Ok(commits) => {
                if known.replace(commits) != Some(commits) {
                    shared.holders.forget_everything();
                }
                let holds = u64::try_from(HOLDS.as_micros()).unwrap_or(u64::MAX);
                shared.good_until.store(asked.saturating_add(holds), Ordering::SeqCst);
            }
            Err(error) => {
                known = None;
                shared.good_until.store(0, Ordering::SeqCst);
                tracing::warn!(%error, "it is not known whether another process writes; caches are not used");
            }
        }
        sleep(PAUSE).await;
    }
}
