//! Spans of requests and jobs, as a collector gets them.

use std::{
    net::TcpListener,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use actix_web::{App, HttpRequest, HttpServer, web};
use fake_carrier::{CustomerText, build_webhook};
use harness::{ServerProcess, ServerSpec};
use server::{compose::BOXED_ACCOUNT_SID, demo::BUSINESS_NUMBER};

const PHONE: &str = "+15555550970";
const PATIENCE: Duration = Duration::from_secs(40);

/// What was posted to a collector, in OTLP's binary form: names and ids stand in it as they are.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<u8>>>);

impl Collector {
    /// Starts a collector and returns its address.
    fn start(&self) -> String {
        let spans = self.clone();
        let server = HttpServer::new(move || {
            let spans = spans.clone();
            let take = move |request: HttpRequest, body: web::Bytes| {
                assert_eq!(request.headers().get("content-type").unwrap(), "application/x-protobuf");
                spans.0.lock().unwrap().extend_from_slice(&body);
                async { "" }
            };
            App::new().route("/v1/traces", web::post().to(take))
        });
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let address = format!("http://{}", server.addrs()[0]);
        tokio::spawn(server.run());
        address
    }

    fn has(&self, text: &str) -> bool {
        self.0.lock().unwrap().windows(text.len()).any(|window| window == text.as_bytes())
    }
}

fn spec(folder: &Path, collector: &str) -> ServerSpec {
    ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder)
        .with("DEBOUNCE_MS", "150")
        .with("RUST_LOG", "warn")
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

/// Texts the demo business and waits for the answer; returns the conversation's id.
async fn converse(server: &ServerProcess) -> String {
    let key = |name: &str| std::fs::read_to_string(server.data_dir().join("keys").join(name)).unwrap();
    let url = format!("{}/webhooks/twilio/sms", server.base_url());
    let text = CustomerText::new(PHONE, BUSINESS_NUMBER, "What are your hours?");
    let webhook =
        build_webhook((BOXED_ACCOUNT_SID, &key("fake-carrier-token")), &url, &text, "SMtraced", None);
    let request = http().post(url).header("X-Request-Id", "a-traced-request").body(webhook.body);
    let request =
        webhook.headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
    let demo: serde_json::Value = serde_json::from_str(&key("demo.json")).unwrap();
    let get = async |path: &str| -> serde_json::Value {
        let request = http().get(format!("{}{path}", server.base_url()));
        let request = request.header("X-API-Key", demo["api_key"].as_str().unwrap());
        request.send().await.unwrap().json().await.unwrap()
    };
    let list = get("/api/v1/conversations").await;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    for _ in 0..400 {
        let messages = get(&format!("/api/v1/conversations/{id}/messages")).await;
        if messages["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|message| message["delivery_state"] == "delivered")
        {
            return id;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no answer; log:\n{}", server.log().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_the_spans_of_requests_and_jobs_with_their_ids_and_nothing_personal() {
    let (folder, collector) = (tempfile::tempdir().unwrap(), Collector::default());
    let server = spec(folder.path(), &collector.start()).start().unwrap();
    let conversation = converse(&server).await;
    server.stop().unwrap();
    for expected in [
        "POST /webhooks/twilio/sms",
        "a-traced-request",
        "turn job",
        "delivery job",
        "model call",
        "carrier send",
        "conversation.id",
        &conversation,
        "tenant.id",
        "service.name",
        "cheetah",
    ] {
        assert!(
            collector.has(expected),
            "{expected} is in no span: {}",
            String::from_utf8_lossy(&collector.0.lock().unwrap())
        );
    }
    for personal in [PHONE.trim_start_matches('+'), BUSINESS_NUMBER.trim_start_matches('+'), "your hours"] {
        assert!(!collector.has(personal), "{personal} is in a span");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_down_holds_nothing_back_and_is_named_once() {
    let folder = tempfile::tempdir().unwrap();
    let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let server = spec(folder.path(), &format!("http://{address}")).start().unwrap();
    converse(&server).await;
    let log = folder.path().join("serve.log");
    let started = Instant::now();
    server.stop().unwrap();
    assert!(started.elapsed() < Duration::from_secs(20), "it waited for the collector");
    let log = std::fs::read_to_string(log).unwrap();
    assert_eq!(log.matches("the collector does not take spans").count(), 1, "{log}");
}
