//! Streams of what happens in a tenant. One reader asks the database for all of them whose there is something new, and
//! wakes those; each then reads its own tenant's events, behind its own scope.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kernel::{StoreError, TenantId, Workload};
use tenancy::{EventLog, EventPosition, PlatformScope, RecordedEvent, TenantScope};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::telemetry::with_sources;

/// How many events are read at once.
const AT_ONCE: u16 = 100;

/// How streams go about it.
#[derive(Clone, Copy, Debug)]
pub struct FeedSettings {
    /// How often the database is asked whether there is anything new. So long an event is under way at most.
    pub poll: Duration,
    /// How long a stream may be silent. A word in between tells both ends that the other is there.
    pub silence: Duration,
    /// How long a stream lasts. Whoever goes on after that shows a credential that is still good.
    pub lasts: Duration,
    /// How many streams a tenant may have open on one server.
    pub of_tenant: usize,
    /// How many streams a server keeps open.
    pub in_all: usize,
}

impl Default for FeedSettings {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(250),
            silence: Duration::from_secs(15),
            lasts: Duration::from_secs(600),
            of_tenant: 50,
            in_all: 2_000,
        }
    }
}

/// Why there is no stream.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The tenant has as many as it may have.
    #[error("{0} streams of this tenant are open already; close one of them")]
    TenantHasEnough(usize),
    /// The server keeps as many open as it may, or is stopping.
    #[error("the server keeps no more streams open")]
    Full,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// What a stream says next.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    /// The stream begins here.
    Begun(EventPosition),
    /// Where the reader was is nowhere: the database is another one. It begins here, and whatever the reader has seen
    /// may be out of date.
    Reset(EventPosition),
    /// Something has happened.
    Happened(Vec<RecordedEvent>),
    /// Nothing has happened for a while.
    Nothing,
}

/// Lets streams follow what happens.
pub struct EventFeed {
    log: Arc<dyn EventLog>,
    platform: PlatformScope,
    settings: FeedSettings,
    listening: Mutex<Listening>,
    stop: CancellationToken,
}

/// Who is to be woken.
#[derive(Default)]
struct Listening {
    tenants: HashMap<TenantId, watch::Sender<()>>,
    is_followed: bool,
}

impl Listening {
    fn len(&self) -> usize {
        self.tenants.values().map(watch::Sender::receiver_count).sum()
    }

    fn forget_the_gone(&mut self) {
        self.tenants.retain(|_, streams| streams.receiver_count() > 0);
    }
}

impl EventFeed {
    /// Makes the feed. Nothing is asked of the log before somebody listens.
    pub fn new(log: Arc<dyn EventLog>, platform: PlatformScope, settings: FeedSettings) -> Self {
        Self { log, platform, settings, listening: Mutex::default(), stop: CancellationToken::new() }
    }

    /// Opens a stream of a tenant's events that goes on from where its reader was, or begins now.
    ///
    /// # Errors
    /// When there are too many already, or the store fails.
    pub async fn listen(
        self: &Arc<Self>,
        scope: TenantScope,
        was: Option<EventPosition>,
    ) -> Result<EventStream, FeedError> {
        let woken = self.join(scope.tenant_id())?;
        let now = self.log.last_position(&self.platform).await?;
        let (after, first) = match was {
            None => (now, Said::Begun(now)),
            Some(was) if was > now => (now, Said::Reset(now)),
            Some(was) => (was, Said::Begun(was)),
        };
        let ends_at = Instant::now() + self.settings.lasts;
        Ok(EventStream { feed: Arc::clone(self), scope, after, first: Some(first), woken, ends_at })
    }

    /// Ends every stream, and opens no more: their readers go to another server, or come back to the next one.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Returns how many streams are open.
    pub fn open_streams(&self) -> usize {
        self.listening().len()
    }

    fn join(self: &Arc<Self>, tenant: TenantId) -> Result<watch::Receiver<()>, FeedError> {
        let mut listening = self.listening();
        if self.stop.is_cancelled() || listening.len() >= self.settings.in_all {
            return Err(FeedError::Full);
        }
        let streams = listening.tenants.entry(tenant).or_insert_with(|| watch::Sender::new(()));
        if streams.receiver_count() >= self.settings.of_tenant {
            return Err(FeedError::TenantHasEnough(self.settings.of_tenant));
        }
        let woken = streams.subscribe();
        if !std::mem::replace(&mut listening.is_followed, true) {
            let feed = Arc::clone(self);
            tokio::spawn(Workload::Upkeep.run(async move { feed.follow().await }));
        }
        Ok(woken)
    }

    /// Wakes whom there is something new for, until nobody listens.
    async fn follow(&self) {
        let mut after = None;
        let mut has_failed = false;
        while self.is_wanted() {
            match self.wake(after).await {
                Ok((position, is_all)) => {
                    after = Some(position);
                    has_failed = false;
                    if !is_all {
                        continue;
                    }
                }
                Err(error) if !std::mem::replace(&mut has_failed, true) => {
                    let error = with_sources(&error);
                    tracing::warn!(error, "streams of events wait: the database does not say what is new");
                }
                Err(_) => {}
            }
            tokio::select! {
                () = sleep(self.settings.poll) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }

    /// Wakes whom there is something new for; returns up to where, and whether that is all there is.
    async fn wake(&self, after: Option<EventPosition>) -> Result<(EventPosition, bool), StoreError> {
        let Some(after) = after else {
            // Whatever came before this is news to whoever has looked before that.
            let now = self.log.last_position(&self.platform).await?;
            self.listening().tenants.values().for_each(|streams| streams.send_replace(()));
            return Ok((now, true));
        };
        let news = self.log.news(&self.platform, after, AT_ONCE).await?;
        let listening = self.listening();
        for streams in news.iter().filter_map(|(_, tenant)| listening.tenants.get(tenant)) {
            streams.send_replace(());
        }
        Ok((news.last().map_or(after, |(position, _)| *position), news.len() < usize::from(AT_ONCE)))
    }

    /// Tells whether anybody listens; if not, whoever comes next has to begin again.
    fn is_wanted(&self) -> bool {
        let mut listening = self.listening();
        listening.forget_the_gone();
        listening.is_followed = !listening.tenants.is_empty() && !self.stop.is_cancelled();
        listening.is_followed
    }

    fn listening(&self) -> MutexGuard<'_, Listening> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One reader's stream of a tenant's events.
pub struct EventStream {
    feed: Arc<EventFeed>,
    scope: TenantScope,
    after: EventPosition,
    first: Option<Said>,
    woken: watch::Receiver<()>,
    ends_at: Instant,
}

impl EventStream {
    /// Returns what is to be said next; `None` when the stream is over. The reader goes on with another one.
    pub async fn next(&mut self) -> Option<Said> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            if self.feed.stop.is_cancelled() || Instant::now() >= self.ends_at {
                return None;
            }
            self.woken.mark_unchanged();
            let read = self.feed.log.read_events(&self.scope, self.after, AT_ONCE);
            let events = match Workload::Api.run(read).await {
                Ok(events) => events,
                Err(error) => {
                    tracing::warn!(error = with_sources(&error), "a stream of events breaks off");
                    return None;
                }
            };
            if let Some(last) = events.last() {
                self.after = last.position;
                return Some(Said::Happened(events));
            }
            tokio::select! {
                _ = self.woken.changed() => {}
                () = sleep(self.feed.settings.silence) => return Some(Said::Nothing),
                () = sleep_until(self.ends_at) => return None,
                () = self.feed.stop.cancelled() => return None,
            }
        }
    }
}
