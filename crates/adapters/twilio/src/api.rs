//! Twilio's REST interface on the wire: where it is, what it answers, and how an answer is read safely.

use std::time::Duration;

use chrono::DateTime;
use conversation::{DeliveryState, SendOutcome};
use kernel::{GatewayError, Timestamp};
use reqwest::{Client, Response, redirect::Policy};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use crate::{
    accounts::PlatformAccount,
    webhook::{delivery_state, is_id},
};

/// The most that is read of an answer.
const MAX_ANSWER: usize = 1024 * 1024;

/// How long Twilio may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To be reached.
    pub connect: Duration,
    /// To have answered, from the start.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(15) }
    }
}

/// Makes the HTTP client. It follows no redirect, since those would carry the account's token elsewhere, and
/// asks no environment for a proxy.
///
/// # Errors
/// When TLS cannot be set up.
pub fn http_client(timeouts: Timeouts) -> reqwest::Result<Client> {
    Client::builder()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .redirect(Policy::none())
        .no_proxy()
        .build()
}

/// Why an answer tells nothing. It holds no text of the answer: that may be personal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnclearAnswer {
    /// The connection broke before the answer was there, or while it was read.
    #[error("the answer did not arrive")]
    Broken(#[source] reqwest::Error),
    /// It goes on for too long.
    #[error("the answer is longer than {MAX_ANSWER} bytes")]
    TooLong,
    /// It is not what Twilio answers.
    #[error("the answer is not understood, at line {line}, column {column}")]
    NotUnderstood {
        /// Where it stops making sense.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// A field of it is not what Twilio answers.
    #[error("the answer's {0} is not understood")]
    BadField(&'static str),
    /// Its status says neither yes nor no.
    #[error("the answer has status {0}")]
    Status(u16),
}

/// A message as Twilio shows it; the fields that are needed here.
#[derive(Deserialize)]
pub(crate) struct MessageResource {
    pub(crate) sid: String,
    pub(crate) status: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) direction: Option<String>,
    pub(crate) date_created: Option<String>,
}

impl MessageResource {
    /// Returns what it means for the message: taken, and how far it has come. A status that is new to us is
    /// taken as sent, for sent it is.
    pub(crate) fn outcome(self) -> Result<SendOutcome, UnclearAnswer> {
        if !is_id(&self.sid) {
            return Err(UnclearAnswer::BadField("sid"));
        }
        let state = self.status.as_deref().and_then(delivery_state).unwrap_or(DeliveryState::Sent);
        Ok(SendOutcome::Accepted { provider_message_id: self.sid, state })
    }

    /// Returns when Twilio took it, to the second.
    pub(crate) fn created_at(&self) -> Result<Timestamp, UnclearAnswer> {
        let text = self.date_created.as_deref().unwrap_or_default();
        let parsed = DateTime::parse_from_rfc2822(text);
        parsed.map(|at| at.to_utc()).map_err(|_| UnclearAnswer::BadField("date_created"))
    }
}

/// A page of a list of messages.
#[derive(Deserialize)]
pub(crate) struct MessagePage {
    pub(crate) messages: Vec<MessageResource>,
    pub(crate) next_page_uri: Option<String>,
}

/// What Twilio says when it says no. Its words are not read: they repeat numbers.
#[derive(Deserialize)]
struct Refusal {
    code: Option<i64>,
}

/// Returns where an account itself is.
pub(crate) fn account_url(account: &PlatformAccount) -> Result<Url, GatewayError> {
    let mut url = account.api_base.clone();
    let file = format!("{}.json", account.account_sid);
    url.path_segments_mut().map_err(|()| bad_base())?.pop_if_empty().extend([
        "2010-04-01",
        "Accounts",
        &file,
    ]);
    Ok(url)
}

/// Returns where an account's messages are.
pub(crate) fn messages_url(account: &PlatformAccount) -> Result<Url, GatewayError> {
    let mut url = account.api_base.clone();
    // Pushing segments, rather than pasting text, keeps an odd account id from leading elsewhere.
    url.path_segments_mut().map_err(|()| bad_base())?.pop_if_empty().extend([
        "2010-04-01",
        "Accounts",
        &account.account_sid,
        "Messages.json",
    ]);
    Ok(url)
}

/// Returns where the next page is: a path below the same base, never another host.
pub(crate) fn next_page_url(account: &PlatformAccount, uri: &str) -> Result<Url, UnclearAnswer> {
    let base = account.api_base.as_str().trim_end_matches('/');
    let path = uri.strip_prefix('/').ok_or(UnclearAnswer::BadField("next_page_uri"))?;
    Url::parse(&format!("{base}/{path}")).map_err(|_| UnclearAnswer::BadField("next_page_uri"))
}

/// Reads the JSON of an answer, of which no more than [`MAX_ANSWER`] is taken in.
pub(crate) async fn read_json<T: DeserializeOwned>(mut response: Response) -> Result<T, UnclearAnswer> {
    let mut body = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| UnclearAnswer::Broken(error.without_url()))?
    {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(UnclearAnswer::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body)
        .map_err(|error| UnclearAnswer::NotUnderstood { line: error.line(), column: error.column() })
}

/// Returns Twilio's code of a refusal; `None` when it gives none.
pub(crate) async fn read_code(response: Response) -> Option<i64> {
    read_json::<Refusal>(response).await.ok().and_then(|refusal| refusal.code)
}

/// Returns a refusal, with Twilio's code or else the HTTP status.
pub(crate) fn rejected(status: u16, code: Option<i64>) -> GatewayError {
    let code = code.map_or_else(|| format!("http_{status}"), |code| code.to_string());
    GatewayError::Rejected { code, detail: format!("Twilio refused with HTTP status {status}") }
}

/// Returns the refusal to hurry, with the time that Twilio asks for where it gives seconds.
pub(crate) fn rate_limited(response: &Response) -> GatewayError {
    let value = response.headers().get(reqwest::header::RETRY_AFTER);
    let seconds = value.and_then(|value| value.to_str().ok()).and_then(|value| value.trim().parse().ok());
    GatewayError::RateLimited { retry_after: seconds.map(Duration::from_secs) }
}

fn bad_base() -> GatewayError {
    GatewayError::Rejected { code: "bad_api_base".into(), detail: "TWILIO_API_BASE is no http(s) URL".into() }
}

#[cfg(test)]
mod tests;
