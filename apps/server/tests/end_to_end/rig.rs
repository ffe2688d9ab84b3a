//! A running server with its demo tenant, and a customer's phone that texts it.

use std::{
    path::Path,
    rc::Rc,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use fake_carrier::{CustomerText, build_webhook};
use harness::{ServerProcess, ServerSpec};
use serde_json::Value;
use server::{
    compose::{BOXED_ACCOUNT_SID, BOXED_CARRIER_PATH},
    demo::BUSINESS_NUMBER,
};
use tempfile::TempDir;

use crate::databases;

/// How long anything may take before a test fails: whoever was killed while it held a job held it for a lease of 90 seconds, and
/// where that was in the middle of a send the carrier is asked three times, 15, 30 and 60 seconds later, before it is sent again.
const PATIENCE: Duration = Duration::from_secs(240);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What a test has of a server's variables beside those that all have.
type Change = Rc<dyn Fn(ServerSpec) -> ServerSpec>;

/// A running server, and all that a test needs to talk to it. On Postgres a second server and a worker of its own share
/// the work, and a Redis.
pub(crate) struct Rig {
    pub(crate) server: ServerProcess,
    companions: Vec<ServerProcess>,
    change: Change,
    texts: AtomicUsize,
    pub(crate) http: reqwest::Client,
    pub(crate) demo: Value,
    pub(crate) token: String,
    pub(crate) admin_key: String,
    folder: TempDir,
}

pub(crate) fn spec(folder: &Path) -> ServerSpec {
    let spec = ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder).with("DEBOUNCE_MS", "150");
    let variables = [("DATABASE_URL", databases::of(folder)), ("REDIS_URL", databases::redis_of(folder))];
    variables.into_iter().fold(spec, |spec, (name, value)| match value {
        Some(value) => spec.with(name, value),
        None => spec,
    })
}

impl Rig {
    /// Starts a server on an empty folder.
    pub(crate) fn start() -> Self {
        Self::start_with(|spec| spec)
    }

    pub(crate) fn start_with(change: impl Fn(ServerSpec) -> ServerSpec + 'static) -> Self {
        Self::start_on(tempfile::tempdir().unwrap(), Rc::new(change))
    }

    /// Kills the server as a power cut would, and starts another on the same folder.
    pub(crate) fn kill_and_restart(self) -> Self {
        let Self { server, companions, folder, change, .. } = self;
        for process in companions.into_iter().chain([server]) {
            process.kill().unwrap();
        }
        Self::start_on(folder, change)
    }

    /// Stops the server politely, and starts another on the same folder.
    pub(crate) fn stop_and_restart(self) -> Self {
        let Self { server, companions, folder, change, .. } = self;
        for process in companions.into_iter().chain([server]) {
            process.stop().unwrap();
        }
        Self::start_on(folder, change)
    }

    /// Stops the server politely, and starts another on the same folder with other variables.
    pub(crate) fn stop_and_restart_with(self, change: impl Fn(ServerSpec) -> ServerSpec + 'static) -> Self {
        Self { change: Rc::new(change), ..self }.stop_and_restart()
    }

    /// Stops all processes politely and leaves what they have made.
    pub(crate) fn stop(self) -> TempDir {
        for process in self.companions.into_iter().chain([self.server]) {
            process.stop().unwrap();
        }
        self.folder
    }

    fn start_on(folder: TempDir, change: Change) -> Self {
        let server = change(spec(folder.path())).start().unwrap();
        let key = |name: &str| std::fs::read_to_string(folder.path().join("keys").join(name)).unwrap();
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().unwrap();
        let demo = serde_json::from_str(&key("demo.json")).unwrap();
        let (token, admin_key) = (key("fake-carrier-token"), key("admin-api-key"));
        let companions = if databases::on_postgres() {
            companions(&change(spec(folder.path())), &server, &token)
        } else {
            Vec::new()
        };
        Self {
            server,
            companions,
            change,
            texts: AtomicUsize::default(),
            http,
            demo,
            token,
            admin_key,
            folder,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.base_url())
    }

    /// Returns where the servers are that share the work.
    pub(crate) fn base_urls(&self) -> Vec<&str> {
        let companions = self.companions.iter().map(ServerProcess::base_url);
        std::iter::once(self.server.base_url()).chain(companions.filter(|url| !url.is_empty())).collect()
    }

    /// Posts the signed webhook of a text, to the servers in turn, and returns the status of the answer.
    pub(crate) async fn text_as(&self, from: &str, body: &str, sid: &str) -> u16 {
        self.text_to(BUSINESS_NUMBER, (from, body), sid).await
    }

    /// Posts the signed webhook of a text to one of the business's numbers, and returns the status of the answer.
    pub(crate) async fn text_to(&self, number: &str, (from, body): (&str, &str), sid: &str) -> u16 {
        let servers = self.base_urls();
        let turn = self.texts.fetch_add(1, Ordering::Relaxed);
        let url = format!("{}/webhooks/twilio/sms", servers[turn % servers.len()]);
        let text = CustomerText::new(from, number, body);
        let webhook = build_webhook((BOXED_ACCOUNT_SID, &self.token), &url, &text, sid, None);
        let mut request = self.http.post(url).body(webhook.body);
        for (name, value) in webhook.headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status().as_u16()
    }

    /// Texts with a message id of its own.
    pub(crate) async fn text(&self, from: &str, body: &str) {
        let sid = format!("SM{}", uuid::Uuid::now_v7().simple());
        assert_eq!(self.text_as(from, body, &sid).await, 200);
    }

    /// Texts and waits for the reply.
    pub(crate) async fn ask(&self, from: &str, body: &str) -> String {
        let before = self.brought_to(from).await.len();
        self.text(from, body).await;
        self.wait_for(from, before + 1).await.pop().unwrap()
    }

    /// Returns what the carrier has brought to a phone, oldest first.
    pub(crate) async fn brought_to(&self, phone: &str) -> Vec<String> {
        let path = format!("/fake-carrier/2010-04-01/Accounts/{BOXED_ACCOUNT_SID}/Messages.json");
        let request = self.http.get(self.url(&path)).basic_auth(BOXED_ACCOUNT_SID, Some(&self.token));
        let query = [("To", phone), ("From", BUSINESS_NUMBER), ("PageSize", "1000")];
        let list: Value = request.query(&query).send().await.unwrap().json().await.unwrap();
        let messages = list["messages"].as_array().unwrap();
        messages.iter().rev().map(|message| message["body"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the carrier has brought so many messages to a phone.
    pub(crate) async fn wait_for(&self, phone: &str, count: usize) -> Vec<String> {
        for _ in 0..PATIENCE.as_millis() / LOOK_AGAIN.as_millis() {
            let brought = self.brought_to(phone).await;
            if brought.len() >= count {
                return brought;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        panic!(
            "{phone} got {:?}, not {count}; log:\n{}",
            self.brought_to(phone).await,
            self.server.log().unwrap()
        );
    }

    /// Waits until no job is left for anybody, so that what did not happen by then will not happen.
    pub(crate) async fn settle(&self) {
        // Longer than the debounce and a turn; nothing signals that nothing will come.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }

    /// Gets a list or a thing as the demo tenant.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let key = self.demo["api_key"].as_str().unwrap();
        let response = self.http.get(self.url(path)).header("X-API-Key", key).send().await.unwrap();
        let status = response.status();
        let body = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Posts as the demo tenant and returns status and body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let key = self.demo["api_key"].as_str().unwrap();
        let request = self.http.post(self.url(path)).header("X-API-Key", key);
        let request = if body.is_null() { request } else { request.json(body) };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Returns the conversations with a phone, the latest first.
    pub(crate) async fn conversations(&self, phone: &str) -> Vec<Value> {
        let path = format!("/api/v1/conversations?contact_address={}", phone.replace('+', "%2B"));
        self.get(&path).await["items"].as_array().unwrap().clone()
    }

    /// Returns the messages of the only conversation with a phone, oldest first.
    pub(crate) async fn messages(&self, phone: &str) -> Vec<Value> {
        let conversations = self.conversations(phone).await;
        assert_eq!(conversations.len(), 1, "{conversations:?}");
        let id = conversations[0]["id"].as_str().unwrap();
        let path = format!("/api/v1/conversations/{id}/messages?limit=200");
        self.get(&path).await["items"].as_array().unwrap().clone()
    }

    /// Returns the rows of a table, whole and in a fixed order.
    pub(crate) fn rows(&self, table: &str) -> Vec<String> {
        databases::rows(self.folder.path(), table)
    }

    /// Returns everything that lies in the database's files.
    pub(crate) fn database_bytes(&self) -> Vec<u8> {
        databases::bytes_at_rest(self.folder.path())
    }
}

/// Starts a second server and a worker on the same database. They send through the carrier in the first one's box.
fn companions(spec: &ServerSpec, server: &ServerProcess, token: &str) -> Vec<ServerProcess> {
    let spec = spec
        .clone()
        .with("TWILIO_ACCOUNT_SID", BOXED_ACCOUNT_SID)
        .with("TWILIO_AUTH_TOKEN", token)
        .with("TWILIO_API_BASE", format!("{}{BOXED_CARRIER_PATH}", server.base_url()));
    // The demo tenant is the first server's business.
    let second = spec.clone().with("APP_ENV", "development").start_until_logged("serving at ").unwrap();
    let worker = spec.command("worker").with("PUBLIC_BASE_URL", server.base_url());
    let worker = worker.start_until_logged("worker started").unwrap();
    vec![second, worker]
}

/// Returns the messages of a direction.
pub(crate) fn of_direction<'a>(messages: &'a [Value], direction: &str) -> Vec<&'a Value> {
    messages.iter().filter(|message| message["direction"] == direction).collect()
}
