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
        let count = arrivals.len();
        writer.run(move |conn| store_all(conn, arrivals)).await?;
        self.db.checkpointer.committed(count);
        Ok(())
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

/// Stores messages in one transaction, each as if alone: one that cannot be stored leaves the others be.
fn store_all(conn: &mut SqliteConnection, arrivals: Vec<Arrival>) {
    let mut outcomes = Vec::with_capacity(arrivals.len());
    let committed = in_transaction(conn, |conn| {
        outcomes
            .extend(arrivals.iter().map(|arrival| in_savepoint(conn, |conn| arrival.receipt.store(conn))));
        Ok(())
    });
    let mut outcomes = outcomes.into_iter();
    for arrival in arrivals {
        let outcome = match &committed {
            Ok(()) => outcomes.next().unwrap_or(Err(StoreError::Conflict)),
            Err(error) => Err(StoreError::Unavailable(error.to_string().into())),
        };
        // Whoever asked may have gone away; the message is stored all the same.
        let _ = arrival.answer.send(outcome);
    }
}
