//! One question to a model over HTTP: sent once, read as it comes, and over in time.

use std::{future::Future, time::Duration};

use conversation::{ModelError, ModelTimeouts};
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use tokio::time::{Instant, timeout, timeout_at};

use super::{events::EventReader, failure::Unreadable};

/// The most that is read of a refusal.
const MAX_REFUSAL: usize = 64 * 1024;
/// How long the end of a stream is waited for once the answer is whole, so that the connection can serve again.
const PARTING: Duration = Duration::from_millis(250);

/// Whether a stream goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// More is to come.
    GoesOn,
    /// The answer is whole.
    Ended,
}

/// What understands the events of one provider.
pub(crate) trait Reader: Send {
    /// Takes in the data of one event.
    fn read(&mut self, event: &str) -> Result<Stream, ModelError>;

    /// Tells whether a word was said or a tool asked for.
    fn has_begun(&self) -> bool;

    /// Reads a refusal: its status, its headers by way of `patience`, and its body.
    fn refused(&self, refusal: &Refusal) -> ModelError;
}

/// An answer that is none.
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: u16,
    /// How long the header asks to wait.
    pub(crate) patience: Option<Duration>,
    /// The body, as far as it was read.
    pub(crate) body: Vec<u8>,
}

/// Makes the HTTP client. It follows no redirect, since those would carry the key and the conversation elsewhere, and
/// asks no environment for a proxy.
///
/// # Errors
/// When TLS cannot be set up.
pub(crate) fn http_client(timeouts: ModelTimeouts) -> reqwest::Result<Client> {
    Client::builder().connect_timeout(timeouts.connect).redirect(Policy::none()).no_proxy().build()
}

/// The moments by which an answer must have come so far.
struct Deadlines {
    first_token: Instant,
    total: Instant,
}

impl Deadlines {
    fn from_now(timeouts: ModelTimeouts) -> Self {
        let now = Instant::now();
        Self { first_token: now + timeouts.first_token, total: now + timeouts.total }
    }

    /// Waits for a step of the answer, but not for too long.
    async fn hold<T>(&self, has_begun: bool, step: impl Future<Output = T> + Send) -> Result<T, ModelError> {
        let (deadline, what) = if has_begun || self.total < self.first_token {
            (self.total, "it ended")
        } else {
            (self.first_token, "its first word")
        };
        timeout_at(deadline, step).await.map_err(|_| ModelError::TimedOut(what))
    }
}

/// Sends a question and reads the answer.
pub(crate) async fn exchange(
    question: RequestBuilder,
    timeouts: ModelTimeouts,
    reader: &mut impl Reader,
) -> Result<(), ModelError> {
    let deadlines = Deadlines::from_now(timeouts);
    let mut response = deadlines.hold(false, question.send()).await?.map_err(not_reached)?;
    if !response.status().is_success() {
        let refusal = deadlines.hold(false, read_refusal(response)).await?;
        return Err(reader.refused(&refusal));
    }
    let mut events = EventReader::default();
    loop {
        let chunk = deadlines.hold(reader.has_begun(), response.chunk()).await?;
        let Some(bytes) = chunk.map_err(|error| Unreadable::Broken(error.without_url()))? else {
            return Ok(());
        };
        for event in events.feed(&bytes)? {
            if reader.read(&event)? == Stream::Ended {
                // Nothing is lost when the other side does not end in time: the connection is closed then.
                let parting = async { while let Ok(Some(_)) = response.chunk().await {} };
                let _ = timeout(PARTING, parting).await;
                return Ok(());
            }
        }
    }
}

fn not_reached(error: reqwest::Error) -> ModelError {
    if error.is_connect() && error.is_timeout() {
        ModelError::TimedOut("it was reached")
    } else {
        Unreadable::Broken(error.without_url()).into()
    }
}

/// Reads a refusal. One that breaks off has said enough by its status.
async fn read_refusal(mut response: Response) -> Refusal {
    let status = response.status().as_u16();
    let patience = super::patience::asked_for(response.headers());
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = MAX_REFUSAL.saturating_sub(body.len());
        body.extend(chunk.iter().take(room));
        if room == 0 {
            break;
        }
    }
    Refusal { status, patience, body }
}
