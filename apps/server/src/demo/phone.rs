//! A customer's phone at the prompt: it texts through the real signed webhook and shows what the carrier brings.

use std::{
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    time::Duration,
};

use anyhow::{Context as _, bail};
use conversation::InboundIntent;
use serde::Deserialize;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{BUSINESS_NUMBER, Demo};
use crate::{
    compose::{
        BOXED_ACCOUNT_SID, BOXED_CARRIER_PATH,
        carrier_in_a_box::{CustomerText, Keyword, build_webhook},
    },
    local_keys::LocalKeys,
    system::OsEntropy,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(45);
/// How often the carrier is asked.
const LOOK_AGAIN: Duration = Duration::from_millis(150);
/// A long answer comes as several messages: after the first, so long for the next.
const REST: Duration = Duration::from_millis(400);

/// A customer's phone.
pub struct Phone {
    number: String,
    demo: Demo,
    token: String,
    http: reqwest::Client,
}

#[derive(Deserialize)]
struct CarrierList {
    messages: Vec<CarrierMessage>,
}

#[derive(Deserialize)]
struct CarrierMessage {
    sid: String,
    body: String,
}

impl Phone {
    /// Takes a phone in hand.
    ///
    /// # Errors
    /// When no server has made a demo tenant here yet.
    pub fn new(keys: &LocalKeys, number: &str) -> anyhow::Result<Self> {
        let number = kernel::PhoneNumber::parse(number).context("--from")?;
        let demo = Demo::read(keys)?.context(
            "there is no demo tenant yet: start the server with `cargo run`, and leave it running",
        )?;
        let token = keys.secret("fake-carrier-token", &OsEntropy)?;
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).no_proxy().build()?;
        Ok(Self { number: number.as_str().to_owned(), demo, token: token.expose().to_owned(), http })
    }

    /// Texts the business and waits for what the carrier brings back, oldest first.
    ///
    /// # Errors
    /// When the server is not there, refuses, or nothing comes in time.
    pub async fn text(&self, text: &str) -> anyhow::Result<Vec<String>> {
        let before = self.delivered().await?;
        let keyword = Keyword::of(text);
        self.post_webhook(text, keyword).await?;
        // YES is a carrier's word too, but to the business it may be an answer.
        if keyword.is_some() && conversation::classify(text) != InboundIntent::Ordinary {
            return Ok(vec![format!(
                "(A carrier answers {} itself; the business has noted it.)",
                text.trim().to_uppercase()
            )]);
        }
        let give_up_at = Instant::now() + PATIENCE;
        loop {
            sleep(LOOK_AGAIN).await;
            let now = self.delivered().await?;
            if now.len() > before.len() {
                break;
            }
            if Instant::now() > give_up_at {
                bail!(
                    "no answer within {} seconds. Ask why: curl -H 'X-API-Key: {}' \
                     '{}/api/v1/conversations', then …/conversations/{{id}}/refused-sends",
                    PATIENCE.as_secs(),
                    self.demo.api_key,
                    self.demo.local_url
                );
            }
        }
        sleep(REST).await;
        let known: Vec<_> = before.into_iter().map(|message| message.sid).collect();
        let now = self.delivered().await?;
        let new = now.into_iter().filter(|message| !known.contains(&message.sid));
        Ok(new.map(|message| message.body).collect())
    }

    /// Returns what the carrier has brought to this phone, oldest first.
    async fn delivered(&self) -> anyhow::Result<Vec<CarrierMessage>> {
        let url = format!(
            "{}{BOXED_CARRIER_PATH}/2010-04-01/Accounts/{BOXED_ACCOUNT_SID}/Messages.json",
            self.demo.local_url
        );
        let response = self
            .http
            .get(url)
            .basic_auth(BOXED_ACCOUNT_SID, Some(&self.token))
            .query(&[("To", self.number.as_str()), ("From", BUSINESS_NUMBER), ("PageSize", "1000")])
            .send()
            .await
            .with_context(|| self.nobody_there())?;
        if !response.status().is_success() {
            bail!(
                "the carrier in the box answers {}; is the server using a real carrier (TWILIO_ACCOUNT_SID)?",
                response.status()
            );
        }
        let mut list: CarrierList = response.json().await.context("the carrier's list is not understood")?;
        list.messages.reverse();
        Ok(list.messages)
    }

    async fn post_webhook(&self, text: &str, keyword: Option<Keyword>) -> anyhow::Result<()> {
        let path = "/webhooks/twilio/sms";
        let signed_url = format!("{}{path}", self.demo.public_url);
        let customer = CustomerText::new(&self.number, BUSINESS_NUMBER, text);
        let sid = format!("SM{}", Uuid::now_v7().simple());
        let webhook = build_webhook((BOXED_ACCOUNT_SID, &self.token), &signed_url, &customer, &sid, keyword);
        let mut request = self.http.post(format!("{}{path}", self.demo.local_url)).body(webhook.body);
        for (name, value) in webhook.headers {
            request = request.header(name, value);
        }
        let response = request.send().await.with_context(|| self.nobody_there())?;
        let status = response.status();
        if !status.is_success() {
            bail!(
                "the server refused the webhook with {status}: {}",
                response.text().await.unwrap_or_default()
            );
        }
        Ok(())
    }

    fn nobody_there(&self) -> String {
        format!(
            "nobody answers at {}: start the server with `cargo run`, and leave it running",
            self.demo.local_url
        )
    }
}

/// Texts once and prints what comes back.
///
/// # Errors
/// As [`Phone::text`] says, or when nothing can be printed.
pub async fn text_once(phone: &Phone, text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout();
    for reply in phone.text(text).await? {
        writeln!(out, "{reply}")?;
    }
    Ok(())
}

/// Holds a whole conversation at the prompt, until the input ends.
///
/// # Errors
/// As [`Phone::text`] says, or when nothing can be read or printed.
pub async fn hold_conversation(phone: &Phone) -> anyhow::Result<()> {
    let at_terminal = io::stdin().is_terminal();
    let mut out = io::stdout();
    if at_terminal {
        writeln!(out, "You are texting {BUSINESS_NUMBER}. An empty line or Ctrl-D ends the conversation.")?;
    }
    loop {
        if at_terminal {
            write!(out, "you> ")?;
            out.flush()?;
        }
        let line = tokio::task::spawn_blocking(|| io::stdin().lock().lines().next()).await?;
        let Some(line) = line.transpose()?.filter(|line| !line.trim().is_empty()) else { return Ok(()) };
        if !at_terminal {
            writeln!(out, "you> {line}")?;
        }
        for reply in phone.text(&line).await? {
            writeln!(out, "them> {reply}")?;
        }
    }
}
