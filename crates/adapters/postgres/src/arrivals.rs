//! Inbound messages that come at once: under load many share one round trip, one commit and one wait for the disk.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{StoreError, Workload};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::{
    Stores,
    db::Database,
    receive::{self, Arrival, Verdict},
};

/// So many messages share a transaction at most: the first of them must not wait for long.
const MOST_TOGETHER: usize = 64;

/// So many calls are under way at once. What comes meanwhile waits, and goes with the next.
const CALLS: usize = 2;

/// The messages of one kind of work that wait to be stored.
pub(crate) struct Arrivals {
    waiting: Mutex<Vec<Waiting>>,
    places: Arc<Semaphore>,
}

/// A message that waits to be stored, and whoever waits for the outcome.
struct Waiting {
    arrival: Arc<Arrival>,
    answer: oneshot::Sender<Verdict>,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self { waiting: Mutex::default(), places: Arc::new(Semaphore::new(CALLS)) }
    }
}

impl Arrivals {
    /// Takes those that have waited longest. Whoever has gone away meanwhile has seen no answer, and is not stored.
    fn take(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting();
        waiting.retain(|one| !one.answer.is_closed());
        let count = waiting.len().min(MOST_TOGETHER);
        waiting.drain(..count).collect()
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stores {
    /// Stores a message together with those that wait at the same time; by itself, if they cannot be stored together.
    pub(crate) async fn store_with_others(&self, arrival: Arrival) -> Result<Verdict, StoreError> {
        if arrival.changes_consent() {
            return receive::store(&self.db, &arrival).await;
        }
        let arrival = Arc::new(arrival);
        let arrivals = self.db.arrivals();
        let (answer, mut answered) = oneshot::channel();
        arrivals.waiting().push(Waiting { arrival: Arc::clone(&arrival), answer });
        let verdict = tokio::select! {
            biased;
            verdict = &mut answered => verdict,
            place = Arc::clone(&arrivals.places).acquire_owned() => {
                // By itself, so that nobody's going away takes the others' answers along.
                let storing = store_waiting(Arc::clone(&self.db), arrivals, place.ok());
                tokio::spawn(Workload::current().run(storing));
                answered.await
            }
        };
        match verdict {
            Ok(verdict) => Ok(verdict),
            Err(_) => receive::store(&self.db, &arrival).await,
        }
    }
}

/// Stores what waits. Nobody is told before the database has all of it for good; nobody is told anything if it fails.
async fn store_waiting(db: Arc<Database>, arrivals: Arc<Arrivals>, _place: Option<OwnedSemaphorePermit>) {
    let mut together = arrivals.take();
    if together.is_empty() {
        return;
    }
    // Whoever stores several senders' messages takes the senders in this order. A sender's own stay in the order in which
    // they have come.
    together.sort_by_key(|one| one.arrival.sender_key());
    let messages: Vec<_> = together.iter().map(|one| &*one.arrival).collect();
    match receive::store_all(&db, &messages).await {
        Ok(verdicts) => {
            for (one, verdict) in together.into_iter().zip(verdicts) {
                // It may have gone away; the message is stored all the same.
                let _ = one.answer.send(verdict);
            }
        }
        Err(error) => {
            tracing::debug!(%error, messages = together.len(), "messages are stored one by one");
        }
    }
}
