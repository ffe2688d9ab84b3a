//! Inbound messages that wait for the writer: under load many share one transaction, and one wait for the disk.

use std::sync::{MutexGuard, PoisonError};

use conversation::Received;
use diesel::SqliteConnection;
use kernel::StoreError;
use tokio::sync::oneshot;

use crate::{
    Stores,
    db::{in_savepoint, in_transaction},
    receive::Receipt,
};

/// So many messages share a transaction at most: the first of them must not wait for long.
const MOST_AT_ONCE: usize = 256;

impl Stores {
    /// Stores a message together with those that wait at the same time. When it returns, the disk has it.
    pub(crate) async fn store_with_others(&self, receipt: Receipt) -> Result<Received, StoreError> {
        let (answer, mut answered) = oneshot::channel();
        self.arrivals().push(Arrival { receipt, answer });
        let received = tokio::select! {
            biased;
            received = &mut answered => received,
            stored = self.store_arrivals() => {
                stored?;
                answered.await
            }
        };
        // Counted by each for itself: whoever stored it for all of them may have been told, and gone, before it can count.
        self.db.checkpointer.committed(1);
        received.map_err(|lost| StoreError::Unavailable(lost.into()))?
    }

    /// Stores everything that waits by the time the writer is free, in one transaction: under load many messages
    /// share one wait for the disk. Nobody is told before the disk has them all.
    async fn store_arrivals(&self) -> Result<(), StoreError> {
        let mut writer = self.db.clean_writer().await;
        let arrivals: Vec<_> = {
            let mut waiting = self.arrivals();
            let count = waiting.len().min(MOST_AT_ONCE);
            waiting.drain(..count).collect()
        };
        if arrivals.is_empty() {
            return Ok(());
        }
        writer.run(move |conn| store_all(conn, arrivals)).await
    }

    fn arrivals(&self) -> MutexGuard<'_, Vec<Arrival>> {
        self.db.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An inbound message that waits for the writer, and whoever waits for the outcome.
pub(crate) struct Arrival {
    receipt: Receipt,
    answer: oneshot::Sender<Result<Received, StoreError>>,
}

impl Arrival {
    /// Tells whoever asked, who may have gone away; the message is stored all the same.
    fn tell(self, outcome: Result<Received, StoreError>) {
        let _ = self.answer.send(outcome);
    }
}

/// Stores messages in one transaction. If one of them cannot be stored, they are stored once more with a savepoint each, so
/// that it leaves the others be.
fn store_all(conn: &mut SqliteConnection, arrivals: Vec<Arrival>) {
    let together = in_transaction(conn, |conn| {
        arrivals.iter().map(|arrival| arrival.receipt.store(conn).map(Ok)).collect::<Result<Vec<_>, _>>()
    });
    let committed = together.or_else(|_| in_transaction(conn, |conn| Ok(store_each(conn, &arrivals))));
    match committed {
        Ok(outcomes) => {
            for (arrival, outcome) in arrivals.into_iter().zip(outcomes) {
                arrival.tell(outcome);
            }
        }
        Err(error) => {
            let failure = error.to_string();
            for arrival in arrivals {
                arrival.tell(Err(StoreError::Unavailable(failure.clone().into())));
            }
        }
    }
}

fn store_each(conn: &mut SqliteConnection, arrivals: &[Arrival]) -> Vec<Result<Received, StoreError>> {
    arrivals.iter().map(|arrival| in_savepoint(conn, |conn| arrival.receipt.store(conn))).collect()
}
