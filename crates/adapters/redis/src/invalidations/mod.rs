//! Word of what has changed, to every process of the installation.
//!
//! Each process listens to one channel and says a beat on it every second, which it must hear itself. Redis
//! delivers in order, so a beat that is heard proves that everything said before it was heard too. Caches are
//! used only until the last proof is three seconds old; then they are emptied, and every read goes to its store
//! until the channel is back.

mod hearing;
mod listener;
mod message;
mod outbox;
mod speaker;

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use kernel::TenantId;
use tokio::task::JoinSet;
use uuid::Uuid;

use self::{hearing::Hearing, outbox::Outbox};
use crate::RedisClient;

/// How often a process makes sure that it hears what is said, and when it no longer believes so.
#[derive(Clone, Copy, Debug)]
pub struct InvalidationTiming {
    /// The time between two beats.
    pub beat: Duration,
    /// How long the last proof holds. Other processes may be told late by as much.
    pub silence: Duration,
}

impl Default for InvalidationTiming {
    fn default() -> Self {
        Self { beat: Duration::from_secs(1), silence: Duration::from_secs(3) }
    }
}

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    /// What a family of stores has of a tenant.
    OfTenant(&'static str, TenantId),
    /// More than one tenant's.
    Everything,
}

/// What must forget what it holds when somebody says that it has changed.
pub(crate) trait Forgetful: Send + Sync {
    /// Returns the name of the stores it holds something of.
    fn family(&self) -> &'static str;

    /// Forgets what is this tenant's, and what is known not to exist.
    fn forget(&self, tenant: TenantId);

    /// Forgets all it holds.
    fn forget_everything(&self);
}

/// Tells the other processes what has changed here, and hears what has changed there.
pub struct Invalidations {
    shared: Arc<Shared>,
    /// Ends the tasks when dropped.
    _tasks: JoinSet<()>,
}

impl Invalidations {
    /// Begins to listen and to speak. `process` is an id that no other process has.
    ///
    /// It must be called within a tokio runtime. It does not wait for Redis.
    pub fn start(client: &Arc<RedisClient>, process: Uuid, timing: InvalidationTiming) -> Arc<Self> {
        let shared = Arc::new(Shared {
            client: Arc::clone(client),
            channel: client.settings().name("changes"),
            process,
            timing,
            hearing: Hearing::new(timing.silence),
            outbox: Outbox::default(),
            holders: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(listener::listen(Arc::clone(&shared)));
        tasks.spawn(speaker::speak(Arc::clone(&shared)));
        Arc::new(Self { shared, _tasks: tasks })
    }

    /// Tells whether word of every change is known to arrive. While it is not, no cache is used.
    pub fn is_heard(&self) -> bool {
        self.shared.hearing.is_good()
    }

    /// Has a holder forget what others say has changed.
    pub(crate) fn register(&self, holder: Weak<dyn Forgetful>) {
        self.shared.holders.lock().unwrap_or_else(PoisonError::into_inner).push(holder);
    }

    /// Forgets what has changed in this process, and has the others told.
    pub(crate) fn changed(&self, what: Changed) {
        match what {
            Changed::OfTenant(family, tenant) => self.shared.forget(family, tenant),
            Changed::Everything => self.shared.forget_everything(),
        }
        self.shared.outbox.put(what);
    }

    /// Waits until the others were told of all that has changed so far; not for longer than a command may take,
    /// and not at all while Redis is away. What could not be said is said as soon as it can be.
    pub(crate) async fn told(&self) {
        let patience = self.shared.client.settings().command_timeout;
        self.shared.outbox.sent(patience).await;
    }
}

/// What the listener, the speaker and the callers have in common.
struct Shared {
    client: Arc<RedisClient>,
    channel: String,
    process: Uuid,
    timing: InvalidationTiming,
    hearing: Hearing,
    outbox: Outbox,
    holders: Mutex<Vec<Weak<dyn Forgetful>>>,
}

impl Shared {
    fn forget(&self, family: &str, tenant: TenantId) {
        for holder in self.holders().iter().filter(|holder| holder.family() == family) {
            holder.forget(tenant);
        }
    }

    fn forget_everything(&self) {
        for holder in self.holders() {
            holder.forget_everything();
        }
    }

    fn holders(&self) -> Vec<Arc<dyn Forgetful>> {
        let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        holders.retain(|holder| holder.strong_count() > 0);
        holders.iter().filter_map(Weak::upgrade).collect()
    }
}
