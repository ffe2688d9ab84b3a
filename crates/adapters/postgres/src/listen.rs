//! Wake-ups between processes, by LISTEN and NOTIFY.
//!
//! A NOTIFY inside a transaction that stores a message would make all such commits stand in one line: Postgres
//! lets one notifying transaction commit at a time. So it is said outside of them, for many at once, soon after. Should it be
//! lost with its process, workers look by themselves within their polling time.

use std::{sync::Arc, time::Duration};

use diesel::sql_types::Integer;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use futures_util::StreamExt as _;
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
    time::{sleep, timeout},
};

use crate::{ConnectError, Connection};

const LISTEN: &str = "LISTEN cheetah_work";
const NOTIFY: &str = "NOTIFY cheetah_work";
/// What is told within this time is told once.
const TELL_EVERY: Duration = Duration::from_millis(10);
/// How long the server may take to pass on a word.
const TELL_WITHIN: Duration = Duration::from_secs(3);
/// How long to wait before connecting again, growing up to the second of them.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Tells other processes that there may be work, and hears it from them. It ends when dropped.
pub(crate) struct Notifier {
    wanted: Arc<Notify>,
    listening: AbortHandle,
}

impl Notifier {
    /// Starts to listen. What is heard raises `work`.
    pub(crate) fn start(connection: Connection, work: &watch::Sender<u64>) -> Self {
        let wanted = Arc::new(Notify::new());
        let task = tokio::spawn(stay_connected(connection, Arc::clone(&wanted), work.clone()));
        Self { wanted, listening: task.abort_handle() }
    }

    /// Lets all other processes know, soon.
    pub(crate) fn tell(&self) {
        self.wanted.notify_one();
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn stay_connected(connection: Connection, wanted: Arc<Notify>, work: watch::Sender<u64>) {
    let mut pause = RECONNECT.0;
    loop {
        match listening(&connection).await {
            Ok(conn) => {
                pause = RECONNECT.0;
                // Something may have been said while nobody listened.
                work.send_modify(|signals| *signals += 1);
                tell_and_hear(conn, &wanted, &work).await;
                tracing::warn!("the connection for wake-ups broke; workers poll until it is back");
            }
            Err(error) => tracing::warn!(
                error = %error,
                "there is no connection for wake-ups; workers poll until there is"
            ),
        }
        sleep(pause).await;
        pause = (pause * 2).min(RECONNECT.1);
    }
}

/// Connects and listens; returns the number under which the server knows the connection, too.
async fn listening(connection: &Connection) -> Result<(AsyncPgConnection, i32), ConnectError> {
    let mut conn = connection.connect().await?;
    let refused = |error: diesel::result::Error| ConnectError::Refused(error.into());
    let listened = timeout(TELL_WITHIN, conn.batch_execute(LISTEN)).await;
    listened.map_err(|_| ConnectError::TimedOut(TELL_WITHIN))?.map_err(refused)?;
    let own = diesel::select(diesel::dsl::sql::<Integer>("pg_backend_pid()"));
    let own = timeout(TELL_WITHIN, own.get_result::<i32>(&mut conn)).await;
    let own = own.map_err(|_| ConnectError::TimedOut(TELL_WITHIN))?.map_err(refused)?;
    Ok((conn, own))
}

/// Tells and hears until the connection breaks.
async fn tell_and_hear(
    (mut conn, own): (AsyncPgConnection, i32),
    wanted: &Notify,
    work: &watch::Sender<u64>,
) {
    loop {
        let tells = {
            let mut heard = std::pin::pin!(conn.notifications_stream());
            tokio::select! {
                () = wanted.notified() => true,
                said = heard.next() => match said {
                    // What this process has said it knows already.
                    Some(Ok(said)) if said.process_id == own => continue,
                    Some(Ok(_)) => false,
                    Some(Err(_)) | None => return,
                },
            }
        };
        if !tells {
            work.send_modify(|signals| *signals += 1);
            continue;
        }
        match timeout(TELL_WITHIN, conn.batch_execute(NOTIFY)).await {
            Ok(Ok(())) => sleep(TELL_EVERY).await,
            _ => return,
        }
    }
}
