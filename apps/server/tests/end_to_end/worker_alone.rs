//! The worker as a process of its own, with a carrier that stands outside.

use std::{path::Path, time::Duration};

use fake_carrier::{
    CustomerText, FakeCarrier, FakeCarrierConfig, Fault, RunningFakeCarrier, StatusCallbacks, build_webhook,
};
use harness::{ServerProcess, ServerSpec};
use serde_json::Value;
use server::demo::BUSINESS_NUMBER;

const ACCOUNT: (&str, &str) = ("ACoutside", "outside-token");
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait for what must not come.
const A_WHILE: Duration = Duration::from_secs(2);

async fn carrier(status_callbacks: StatusCallbacks) -> RunningFakeCarrier {
    let config = FakeCarrierConfig { status_callbacks, ..FakeCarrierConfig::new(ACCOUNT.0, ACCOUNT.1) };
    FakeCarrier::new(config).unwrap().start().await.unwrap()
}

fn spec(folder: &Path, carrier: &RunningFakeCarrier, debounce_ms: &str) -> ServerSpec {
    crate::rig::spec(folder)
        .with("TWILIO_ACCOUNT_SID", ACCOUNT.0)
        .with("TWILIO_AUTH_TOKEN", ACCOUNT.1)
        .with("TWILIO_API_BASE", carrier.base_url().as_str())
        .with("DEBOUNCE_MS", debounce_ms)
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

async fn text(server: &ServerProcess, from: &str, sid: &str) {
    let url = format!("{}/webhooks/twilio/sms", server.base_url());
    let text = CustomerText::new(from, BUSINESS_NUMBER, "What are your hours?");
    let webhook = build_webhook(ACCOUNT, &url, &text, sid, None);
    let mut request = http().post(url).body(webhook.body);
    for (name, value) in webhook.headers {
        request = request.header(name, value);
    }
    assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
}

/// Gets something as the demo tenant.
async fn get(server: &ServerProcess, path: &str) -> Value {
    let demo = std::fs::read_to_string(server.data_dir().join("keys/demo.json")).unwrap();
    let demo: Value = serde_json::from_str(&demo).unwrap();
    let request = http().get(format!("{}{path}", server.base_url()));
    let request = request.header("X-API-Key", demo["api_key"].as_str().unwrap());
    request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
}

/// Returns the messages of the only conversation.
async fn messages(server: &ServerProcess) -> Vec<Value> {
    let list = get(server, "/api/v1/conversations").await;
    let id = list["items"][0]["id"].as_str().unwrap();
    let messages = get(server, &format!("/api/v1/conversations/{id}/messages")).await;
    messages["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_alone_answers_what_a_killed_server_had_acknowledged() {
    let (folder, carrier) = (tempfile::tempdir().unwrap(), carrier(StatusCallbacks::Posted).await);
    let spec = spec(folder.path(), &carrier, "3000");
    let server = spec.start().unwrap();
    text(&server, "+15555550800", "SMbefore").await;
    server.kill().unwrap();
    assert!(carrier.carrier().messages().is_empty(), "it was not answered yet");
    let worker = spec.clone().command("worker").start_until_logged("worker started").unwrap();
    carrier.carrier().wait_for_count(1, PATIENCE).await.unwrap();
    tokio::time::sleep(A_WHILE).await;
    worker.stop().unwrap();
    let sent = carrier.carrier().messages();
    assert_eq!(sent.len(), 1);
    let server = spec.start().unwrap();
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(carrier.carrier().messages().len(), 1, "nothing was left to do");
    let messages = messages(&server).await;
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(messages[1]["provider_message_id"], sent[0].sid.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_and_a_worker_on_one_database_answer_everybody_once() {
    let (folder, carrier) = (tempfile::tempdir().unwrap(), carrier(StatusCallbacks::Posted).await);
    let spec = spec(folder.path(), &carrier, "100");
    let server = spec.start().unwrap();
    let _worker = spec.clone().command("worker").start_until_logged("worker started").unwrap();
    let phones: Vec<_> = (0..30).map(|number| format!("+155555509{number:02}")).collect();
    let texts = phones.iter().enumerate().map(|(number, phone)| {
        let (server, sid) = (&server, format!("SMshared{number}"));
        async move { text(server, phone, &sid).await }
    });
    futures_util::future::join_all(texts).await;
    carrier.carrier().wait_for_count(phones.len(), PATIENCE).await.unwrap();
    tokio::time::sleep(A_WHILE).await;
    let mut answered: Vec<_> = carrier.carrier().messages().into_iter().map(|message| message.to).collect();
    answered.sort_unstable();
    assert_eq!(answered, phones);
}

/// The carrier takes the first reply and says nothing; returns the reply once it is known what became of it.
async fn reply_after_a_drop(carrier: &RunningFakeCarrier, server: &ServerProcess, from: &str) -> Value {
    carrier.carrier().script(vec![Fault::AcceptThenDrop]);
    text(server, from, "SMdropped").await;
    carrier.carrier().wait_for_count(1, PATIENCE).await.unwrap();
    // The first look-up comes 15 seconds after the attempt.
    for _ in 0..400 {
        let reply = messages(server).await.get(1).cloned().unwrap_or_default();
        if reply["provider_message_id"].is_string() {
            return reply;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("what became of the message was never found out; log:\n{}", server.log().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_tells_of_a_message_that_the_carrier_took_without_saying_so() {
    let (folder, carrier) = (tempfile::tempdir().unwrap(), carrier(StatusCallbacks::Posted).await);
    let server = spec(folder.path(), &carrier, "100").start().unwrap();
    let reply = reply_after_a_drop(&carrier, &server, "+15555550810").await;
    // Longer than the first look-up would take to come.
    tokio::time::sleep(Duration::from_secs(17)).await;
    let sent = carrier.carrier().messages();
    assert_eq!(sent.len(), 1, "it was not sent again");
    assert_eq!(reply["provider_message_id"], sent[0].sid.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_finds_a_message_that_the_carrier_took_without_ever_saying_so() {
    let (folder, carrier) = (tempfile::tempdir().unwrap(), carrier(StatusCallbacks::Silent).await);
    let server = spec(folder.path(), &carrier, "100").start().unwrap();
    let reply = reply_after_a_drop(&carrier, &server, "+15555550811").await;
    tokio::time::sleep(A_WHILE).await;
    let sent = carrier.carrier().messages();
    assert_eq!(sent.len(), 1, "it was not sent again");
    assert_eq!(reply["provider_message_id"], sent[0].sid.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_carrier_refuses_says_why() {
    let (folder, carrier) = (tempfile::tempdir().unwrap(), carrier(StatusCallbacks::Posted).await);
    let server = spec(folder.path(), &carrier, "100").start().unwrap();
    carrier.carrier().script(vec![Fault::Status { status: 400, code: 21211, retry_after: None }]);
    text(&server, "+15555550812", "SMrefused").await;
    for _ in 0..300 {
        let reply = messages(&server).await.get(1).cloned().unwrap_or_default();
        if reply["delivery_state"] == "failed" {
            return assert_eq!(reply["error_code"], "21211", "{reply}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the refusal was never recorded; log:\n{}", server.log().unwrap());
}
