//! A running server with its demo tenant, and a customer's phone that texts it.

use std::{path::Path, time::Duration};

use fake_carrier::{CustomerText, build_webhook};
use harness::{ServerProcess, ServerSpec};
use serde_json::Value;
use server::{compose::BOXED_ACCOUNT_SID, demo::BUSINESS_NUMBER};
use tempfile::TempDir;

/// How long anything may take before a test fails: debug builds on a loaded machine are slow.
const PATIENCE: Duration = Duration::from_secs(40);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A running server, and all that a test needs to talk to it.
pub(crate) struct Rig {
    pub(crate) server: ServerProcess,
    pub(crate) http: reqwest::Client,
    pub(crate) demo: Value,
    pub(crate) token: String,
    pub(crate) admin_key: String,
    folder: TempDir,
}

pub(crate) fn spec(folder: &Path) -> ServerSpec {
    ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder).with("DEBOUNCE_MS", "150")
}

impl Rig {
    /// Starts a server on an empty folder.
    pub(crate) fn start() -> Self {
        Self::start_with(|spec| spec)
    }

    pub(crate) fn start_with(change: impl FnOnce(ServerSpec) -> ServerSpec) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = change(spec(folder.path())).start().unwrap();
        Self::around(server, folder)
    }

    /// Kills the server as a power cut would, and starts another on the same folder.
    pub(crate) fn kill_and_restart(self) -> Self {
        let Self { server, folder, .. } = self;
        server.kill().unwrap();
        let server = spec(folder.path()).start().unwrap();
        Self::around(server, folder)
    }

    /// Stops the server politely, and starts another on the same folder.
    pub(crate) fn stop_and_restart(self) -> Self {
        let Self { server, folder, .. } = self;
        server.stop().unwrap();
        let server = spec(folder.path()).start().unwrap();
        Self::around(server, folder)
    }

    fn around(server: ServerProcess, folder: TempDir) -> Self {
        let key = |name: &str| std::fs::read_to_string(folder.path().join("keys").join(name)).unwrap();
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().unwrap();
        let demo = serde_json::from_str(&key("demo.json")).unwrap();
        let (token, admin_key) = (key("fake-carrier-token"), key("admin-api-key"));
        Self { server, http, demo, token, admin_key, folder }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.base_url())
    }

    /// Posts the signed webhook of a text, and returns the status of the answer.
    pub(crate) async fn text_as(&self, from: &str, body: &str, sid: &str) -> u16 {
        let url = self.url("/webhooks/twilio/sms");
        let text = CustomerText::new(from, BUSINESS_NUMBER, body);
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

    /// Returns everything that lies in the database files, the write-ahead log included.
    pub(crate) fn database_bytes(&self) -> Vec<u8> {
        let files = ["cheetah.db", "cheetah.db-wal"].map(|name| self.folder.path().join(name));
        files.iter().filter_map(|file| std::fs::read(file).ok()).flatten().collect()
    }
}

/// Returns the messages of a direction.
pub(crate) fn of_direction<'a>(messages: &'a [Value], direction: &str) -> Vec<&'a Value> {
    messages.iter().filter(|message| message["direction"] == direction).collect()
}
