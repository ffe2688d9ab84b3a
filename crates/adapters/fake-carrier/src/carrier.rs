//! The carrier itself: what it is made with, what it has taken, and what is to go wrong.

use std::{
    collections::{HashSet, VecDeque},
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{SubsecRound as _, Utc};
use kernel::{Clock, Timestamp};
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use crate::{
    Fault,
    message::{CarrierMessage, MessageDirection},
    traffic::Traffic,
};

/// How many messages may be reported on at once; beyond that, reports are dropped as a busy carrier's are.
const CALLBACKS_AT_ONCE: usize = 256;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Whether the carrier reports on what it has taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusCallbacks {
    /// `sent` and `delivered` are posted to the message's own callback URL.
    #[default]
    Posted,
    /// The same, but as networks mix them up: `delivered` comes first, and each of them twice.
    OutOfOrder,
    /// Nothing is posted, and messages stay queued.
    Silent,
}

/// What a carrier is made with.
#[derive(Clone)]
pub struct FakeCarrierConfig {
    /// The one account it has.
    pub account_sid: String,
    /// The account's token: it authenticates requests and signs webhooks.
    pub auth_token: String,
    /// The file by which it remembers over a restart; `None` to forget.
    pub journal: Option<PathBuf>,
    /// Whether it reports on messages.
    pub status_callbacks: StatusCallbacks,
    /// What tells it the time.
    pub clock: Arc<dyn Clock>,
}

impl FakeCarrierConfig {
    /// Names the account. There is no journal, messages are reported on, and the time is the system's.
    pub fn new(account_sid: impl Into<String>, auth_token: impl Into<String>) -> Self {
        Self {
            account_sid: account_sid.into(),
            auth_token: auth_token.into(),
            journal: None,
            status_callbacks: StatusCallbacks::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// The time of the machine.
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Utc::now().trunc_subsecs(6)
    }
}

/// Nothing of the kind was sent in time.
#[derive(Debug, thiserror::Error)]
#[error("waited in vain: {sent} messages were sent, none of them or not enough of them the expected")]
pub struct WaitedInVain {
    /// How many messages had been sent by then.
    pub sent: usize,
}

/// A carrier in a box. Clones are the same carrier.
#[derive(Clone)]
pub struct FakeCarrier {
    inner: Arc<Inner>,
}

struct Inner {
    config: FakeCarrierConfig,
    http: reqwest::Client,
    traffic: Mutex<Traffic>,
    send_faults: Mutex<VecDeque<Fault>>,
    look_up_faults: Mutex<VecDeque<Fault>>,
    changes: watch::Sender<()>,
    callbacks: Arc<Semaphore>,
    acknowledged: Mutex<HashSet<String>>,
    unconfirmed: Mutex<HashSet<String>>,
}

impl FakeCarrier {
    /// Makes a carrier, with what its journal remembers.
    ///
    /// # Errors
    /// When the journal cannot be read or no HTTP client can be made.
    pub fn new(config: FakeCarrierConfig) -> io::Result<Self> {
        // A pooled connection lives on the runtime that opened it, and this carrier may be used from several.
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()
            .map_err(io::Error::other)?;
        let traffic = Mutex::new(Traffic::open(config.journal.as_deref())?);
        let inner = Inner {
            config,
            http,
            traffic,
            send_faults: Mutex::default(),
            look_up_faults: Mutex::default(),
            changes: watch::Sender::new(()),
            callbacks: Arc::new(Semaphore::new(CALLBACKS_AT_ONCE)),
            acknowledged: Mutex::default(),
            unconfirmed: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Lets the next requests that send a message go wrong, one fault a request.
    pub fn script(&self, faults: Vec<Fault>) {
        lock(&self.inner.send_faults).extend(faults);
    }

    /// Returns how many scripted faults wait still for a request that sends a message.
    pub fn faults_left(&self) -> usize {
        lock(&self.inner.send_faults).len()
    }

    /// Lets the next requests that ask about messages go wrong, one fault a request.
    pub fn script_look_ups(&self, faults: Vec<Fault>) {
        lock(&self.inner.look_up_faults).extend(faults);
    }

    /// Returns the ids of the messages whose sender has acknowledged the report that they were delivered.
    pub fn acknowledged_deliveries(&self) -> HashSet<String> {
        lock(&self.inner.acknowledged).clone()
    }

    /// Returns the ids of the messages that were taken although a [`Fault`] kept their sender from learning so.
    pub fn unconfirmed_sends(&self) -> HashSet<String> {
        lock(&self.inner.unconfirmed).clone()
    }

    pub(crate) fn leave_unconfirmed(&self, sid: &str) {
        lock(&self.inner.unconfirmed).insert(sid.to_owned());
    }

    pub(crate) fn acknowledge_delivery(&self, sid: &str) {
        lock(&self.inner.acknowledged).insert(sid.to_owned());
    }

    /// Returns the messages that were sent through the interface, oldest first, those too whose sender never
    /// learnt that they were taken.
    pub fn messages(&self) -> Vec<CarrierMessage> {
        self.traffic().messages().iter().filter(|message| is_sent(message)).cloned().collect()
    }

    /// Returns how many [messages](Self::messages) there are.
    pub fn count(&self) -> usize {
        self.traffic().messages().iter().filter(|message| is_sent(message)).count()
    }

    /// Returns everything that was written, oldest first: customers' texts and the carrier's own answers too.
    pub fn history(&self) -> Vec<CarrierMessage> {
        self.traffic().messages().to_vec()
    }

    /// Waits until the [messages](Self::messages) are as expected, and returns them.
    ///
    /// # Errors
    /// When they are not within the time.
    pub async fn wait_for(
        &self,
        within: Duration,
        is_expected: impl Fn(&[CarrierMessage]) -> bool,
    ) -> Result<Vec<CarrierMessage>, WaitedInVain> {
        self.wait_until(within, || Some(self.messages()).filter(|messages| is_expected(messages))).await
    }

    /// Waits until so many messages, or more, were sent, and returns them.
    ///
    /// # Errors
    /// When they were not within the time.
    pub async fn wait_for_count(
        &self,
        count: usize,
        within: Duration,
    ) -> Result<Vec<CarrierMessage>, WaitedInVain> {
        self.wait_until(within, || (self.count() >= count).then(|| self.messages())).await
    }

    /// Looks again after each change until something is found.
    async fn wait_until(
        &self,
        within: Duration,
        look: impl Fn() -> Option<Vec<CarrierMessage>>,
    ) -> Result<Vec<CarrierMessage>, WaitedInVain> {
        let mut changes = self.inner.changes.subscribe();
        let waiting = async {
            loop {
                if let Some(found) = look() {
                    return Some(found);
                }
                // The sender lives as long as `self`, so a change is always possible.
                changes.changed().await.ok()?;
            }
        };
        let found = tokio::time::timeout(within, waiting).await.ok().flatten();
        found.ok_or_else(|| WaitedInVain { sent: self.count() })
    }

    /// Returns the account's id.
    pub fn account_sid(&self) -> &str {
        &self.inner.config.account_sid
    }

    pub(crate) fn config(&self) -> &FakeCarrierConfig {
        &self.inner.config
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.inner.http
    }

    pub(crate) fn callback_permits(&self) -> Arc<Semaphore> {
        Arc::clone(&self.inner.callbacks)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.config.clock.now()
    }

    pub(crate) fn next_send_fault(&self) -> Option<Fault> {
        lock(&self.inner.send_faults).pop_front()
    }

    pub(crate) fn next_look_up_fault(&self) -> Option<Fault> {
        lock(&self.inner.look_up_faults).pop_front()
    }

    pub(crate) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        lock(&self.inner.traffic)
    }

    /// Wakes whoever waits for a message.
    pub(crate) fn announce(&self) {
        self.inner.changes.send_replace(());
    }
}

/// Tells whether a message was sent through the interface.
fn is_sent(message: &CarrierMessage) -> bool {
    message.direction == MessageDirection::OutboundApi
}

/// Returns an id of Twilio's shape.
pub(crate) fn new_sid() -> String {
    format!("SM{}", Uuid::now_v7().simple())
}

/// A panic while it was held leaves whole values behind, so the lock is good still.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
