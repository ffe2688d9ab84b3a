//! Finds a message at Twilio after an attempt whose outcome is not known.

use chrono::TimeDelta;
use conversation::{OpenAttempt, SendOutcome};
use kernel::{GatewayError, Timestamp};
use reqwest::Client;
use url::Url;

use crate::{
    accounts::PlatformAccount,
    api::{
        MessagePage, MessageResource, UnclearAnswer, messages_url, next_page_url, rate_limited, read_code,
        read_json, rejected,
    },
};

/// How far Twilio's clock may be behind that of the worker who sent the message. An older message with the same words that we
/// know is another's, so it does not matter that many are looked through; one that is overlooked would be sent twice.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(15);
const PAGE_SIZE: &str = "50";
const MAX_PAGES: usize = 20;
/// What Twilio puts before every text of an account on trial.
const TRIAL_PREFIX: &str = "Sent from your Twilio trial account - ";

/// There are more messages between the two numbers than are looked through.
#[derive(Debug, thiserror::Error)]
#[error("not found among the newest messages, and there are more")]
struct TooMany;

/// One look for one message.
pub(crate) struct LookUp<'a> {
    pub(crate) http: &'a Client,
    pub(crate) account: &'a PlatformAccount,
    pub(crate) attempt: &'a OpenAttempt,
}

impl LookUp<'_> {
    /// Returns the oldest message that can be the one; `None` when there surely is none.
    ///
    /// The list is asked for by its two ends only. Twilio can narrow it down by `DateSent`, but a message that
    /// is still queued has none, and one that is overlooked would be sent twice. The list has the newest
    /// first, so the look ends with the first page that is older than the attempt.
    pub(crate) async fn run(&self) -> Result<Option<SendOutcome>, GatewayError> {
        let mut url = messages_url(self.account)?;
        url.query_pairs_mut()
            .append_pair("To", self.attempt.text.to.as_str())
            .append_pair("From", self.attempt.text.from.as_str())
            .append_pair("PageSize", PAGE_SIZE);
        let mut oldest: Option<(Timestamp, MessageResource)> = None;
        for _ in 0..MAX_PAGES {
            let page = self.fetch(url).await?;
            let mut is_past = !page.messages.is_empty();
            for message in page.messages {
                let created_at = message.created_at().map_err(unavailable)?;
                let is_recent = created_at >= self.attempt.attempted_at - CLOCK_TOLERANCE;
                is_past &= !is_recent;
                let is_older = oldest.as_ref().is_none_or(|(found_at, _)| created_at <= *found_at);
                if is_recent && is_older && self.matches(&message) {
                    oldest = Some((created_at, message));
                }
            }
            match page.next_page_uri {
                Some(next) if !is_past => url = next_page_url(self.account, &next).map_err(unavailable)?,
                Some(_) | None => {
                    return oldest.map(|(_, message)| message.outcome().map_err(unavailable)).transpose();
                }
            }
        }
        Err(GatewayError::Unavailable(TooMany.into()))
    }

    fn matches(&self, message: &MessageResource) -> bool {
        let body = message.body.as_deref().unwrap_or_default();
        message.to.as_deref() == Some(self.attempt.text.to.as_str())
            && message.from.as_deref() == Some(self.attempt.text.from.as_str())
            && message.direction.as_deref().is_some_and(|direction| direction.starts_with("outbound"))
            && body.strip_prefix(TRIAL_PREFIX).unwrap_or(body) == self.attempt.text.text
            && !self.attempt.known.contains(&message.sid)
    }

    async fn fetch(&self, url: Url) -> Result<MessagePage, GatewayError> {
        let request =
            self.http.get(url).basic_auth(&self.account.account_sid, Some(self.account.auth_token.expose()));
        let response = request.send().await.map_err(unanswered)?;
        match response.status().as_u16() {
            200..=299 => read_json(response).await.map_err(|why| match why {
                UnclearAnswer::Broken(error) => unanswered(error),
                other => unavailable(other),
            }),
            429 => Err(rate_limited(&response)),
            status @ 400..=499 => Err(rejected(status, read_code(response).await)),
            status => Err(unavailable(UnclearAnswer::Status(status))),
        }
    }
}

/// A question changes nothing, so it may be asked again whatever became of it.
fn unanswered(error: reqwest::Error) -> GatewayError {
    if error.is_timeout() && !error.is_connect() {
        GatewayError::TimedOut
    } else {
        GatewayError::Unavailable(error.without_url().into())
    }
}

fn unavailable(why: UnclearAnswer) -> GatewayError {
    GatewayError::Unavailable(why.into())
}
