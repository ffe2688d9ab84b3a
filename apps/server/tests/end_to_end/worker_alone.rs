//! The worker as a process of its own, with a carrier that stands outside.

use std::time::Duration;

use fake_carrier::{CustomerText, FakeCarrier, FakeCarrierConfig, Fault, RunningFakeCarrier, build_webhook};
use harness::{ServerProcess, ServerSpec};
use server::demo::BUSINESS_NUMBER;

const ACCOUNT: (&str, &str) = ("ACoutside", "outside-token");

async fn carrier() -> RunningFakeCarrier {
    FakeCarrier::new(FakeCarrierConfig::new(ACCOUNT.0, ACCOUNT.1)).unwrap().start().await.unwrap()
}

fn spec(folder: &std::path::Path, carrier: &RunningFakeCarrier, debounce_ms: &str) -> ServerSpec {
    crate::rig::spec(folder)
        .with("TWILIO_ACCOUNT_SID", ACCOUNT.0)
        .with("TWILIO_AUTH_TOKEN", ACCOUNT.1)
        .with("TWILIO_API_BASE", carrier.base_url().as_str())
        .with("DEBOUNCE_MS", debounce_ms)
}

async fn text(server: &ServerProcess, from: &str, sid: &str) {
    let url = format!("{}/webhooks/twilio/sms", server.base_url());
    let text = CustomerText::new(from, BUSINESS_NUMBER, "What are your hours?");
    let webhook = build_webhook(ACCOUNT, &url, &text, sid, None);
    let mut request = reqwest::Client::builder().no_proxy().build().unwrap().post(url).body(webhook.body);
    for (name, value) in webhook.headers {
        request = request.header(name, value);
    }
    assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_alone_answers_what_a_killed_server_had_acknowledged() {
    let (folder, carrier) = (tempfile::tempdir().unwrap(), carrier().await);
    let server = spec(folder.path(), &carrier, "2000").start().unwrap();
    text(&server, "+15555550800", "SMbefore").await;
    server.kill().unwrap();
    assert!(carrier.carrier().messages().is_empty(), "it was not answered yet");
    let worker = spec(folder.path(), &carrier, "2000").command("worker");
    let worker = worker.start_until_logged("worker started").unwrap();
    carrier.carrier().wait_for_count(1, Duration::from_secs(30)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(carrier.carrier().messages().len(), 1);
    worker.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_and_a_worker_on_one_database_answer_everybody_once() {
    let (folder, carrier) = (tempfile::tempdir().unwrap(), carrier().await);
    let server = spec(folder.path(), &carrier, "100").start().unwrap();
    let worker = spec(folder.path(), &carrier, "100").command("worker");
    let _worker = worker.start_until_logged("worker started").unwrap();
    let phones: Vec<_> = (0..30).map(|number| format!("+155555509{number:02}")).collect();
    let texts = phones.iter().enumerate().map(|(number, phone)| {
        let (server, sid) = (&server, format!("SMshared{number}"));
        async move { text(server, phone, &sid).await }
    });
    futures_util::future::join_all(texts).await;
    carrier.carrier().wait_for_count(phones.len(), Duration::from_secs(30)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut answered: Vec<_> = carrier.carrier().messages().into_iter().map(|message| message.to).collect();
    answered.sort_unstable();
    assert_eq!(answered, phones);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_carrier_took_without_saying_so_is_found_and_not_sent_twice() {
    let (folder, carrier) = (tempfile::tempdir().unwrap(), carrier().await);
    let server = spec(folder.path(), &carrier, "100").start().unwrap();
    carrier.carrier().script(vec![Fault::AcceptThenDrop]);
    text(&server, "+15555550810", "SMdropped").await;
    carrier.carrier().wait_for_count(1, Duration::from_secs(30)).await.unwrap();
    let demo = std::fs::read_to_string(folder.path().join("keys/demo.json")).unwrap();
    let demo: serde_json::Value = serde_json::from_str(&demo).unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: String| -> serde_json::Value {
        let request = http
            .get(format!("{}{path}", server.base_url()))
            .header("X-API-Key", demo["api_key"].as_str().unwrap());
        request.send().await.unwrap().json().await.unwrap()
    };
    let list = get("/api/v1/conversations".to_owned()).await;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    // A report or the first look-up, whichever comes first, tells what became of it.
    for _ in 0..300 {
        let messages = get(format!("/api/v1/conversations/{id}/messages")).await;
        let reply = messages["items"][1].clone();
        if reply["provider_message_id"].is_string() {
            assert_eq!(carrier.carrier().messages().len(), 1);
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("what became of the message was never found out; log:\n{}", server.log().unwrap());
}
