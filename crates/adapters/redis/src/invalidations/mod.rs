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
    sync::{Arc, Weak},
    time::Duration,
};

use async_trait::async_trait;
use tenancy::{Changed, Forgetful, Holders, Invalidations};
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

/// Tells the other processes what has changed here, and hears what has changed there, through Redis.
pub struct RedisInvalidations {
    shared: Arc<Shared>,
    /// Ends the tasks when dropped.
    _tasks: JoinSet<()>,
}

impl RedisInvalidations {
    /// Begins to listen and to speak. `process` is an id that no other process has.
    ///
    /// It must be called within a tokio runtime. It does not wait for Redis.
    pub fn start(
        client: &Arc<RedisClient>,
        process: Uuid,
        timing: InvalidationTiming,
    ) -> Arc<dyn Invalidations> {
        let shared = Arc::new(Shared {
            client: Arc::clone(client),
            channel: client.settings().name("changes"),
            process,
            timing,
            hearing: Hearing::new(timing.silence),
            outbox: Outbox::default(),
            holders: Holders::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(listener::listen(Arc::clone(&shared)));
        tasks.spawn(speaker::speak(Arc::clone(&shared)));
        Arc::new(Self { shared, _tasks: tasks })
    }
}

#[async_trait]
impl Invalidations for RedisInvalidations {
    fn is_heard(&self) -> bool {
        self.shared.hearing.is_good()
    }

    fn register(&self, holder: Weak<dyn Forgetful>) {
        self.shared.holders.register(holder);
    }

    fn changed(&self, what: Changed) {
        self.shared.holders.hear(what);
        self.shared.outbox.put(what);
    }

    /// Waits not for longer than a command may take, and not at all while Redis is away. What could not be said is said
    /// as soon as it can be.
    async fn told(&self) {
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
    holders: Holders,
}
