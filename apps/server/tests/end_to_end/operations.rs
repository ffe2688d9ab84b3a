//! What an operator sees of a running process: its metrics, and that it goes before it has gone.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Command,
    time::Duration,
};

use fake_carrier::{CustomerText, build_webhook};
use harness::{ServerProcess, ServerSpec};
use model_fakes::{FakeAnswer, FakeModelServer};
use server::{compose::BOXED_ACCOUNT_SID, demo::BUSINESS_NUMBER};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(40);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// One process on a database file, so that what is counted is counted here.
fn start(change: impl FnOnce(ServerSpec) -> ServerSpec) -> (ServerProcess, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let spec = ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder.path()).with("DEBOUNCE_MS", "150");
    (change(spec).start().unwrap(), folder)
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

fn key(server: &ServerProcess, name: &str) -> String {
    std::fs::read_to_string(server.data_dir().join("keys").join(name)).unwrap()
}

async fn text(server: &ServerProcess, sid: &str) {
    text_from(server, "+15555550950", sid).await;
}

async fn text_from(server: &ServerProcess, phone: &str, sid: &str) {
    let url = format!("{}/webhooks/twilio/sms", server.base_url());
    let token = key(server, "fake-carrier-token");
    let text = CustomerText::new(phone, BUSINESS_NUMBER, "What are your hours?");
    let webhook = build_webhook((BOXED_ACCOUNT_SID, &token), &url, &text, sid, None);
    let request = webhook
        .headers
        .into_iter()
        .fold(http().post(url), |request, (name, value)| request.header(name, value));
    assert_eq!(request.body(webhook.body).send().await.unwrap().status().as_u16(), 200);
}

/// Gets a page until it holds every one of these.
async fn wait_for(url: &str, admin_key: Option<&str>, expected: &[&str]) {
    let mut page = String::new();
    for _ in 0..PATIENCE.as_millis() / LOOK_AGAIN.as_millis() {
        let request = http().get(url);
        let request =
            admin_key.into_iter().fold(request, |request, key| request.header("X-Admin-API-Key", key));
        page = request.send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
        if expected.iter().all(|line| page.contains(line)) {
            return;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    panic!("not all of {expected:?} in\n{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_stage_of_an_answer_is_timed() {
    let (server, _folder) = start(|spec| spec);
    text(&server, "SMtimed").await;
    let stages = ["queued", "generated", "committed", "delivered", "whole"]
        .map(|stage| format!("cheetah_turn_stage_seconds_count{{stage=\"{stage}\"}} 1\n"));
    let counted = [
        "cheetah_jobs_claimed_total{kind=\"turn\"} 1\n",
        "cheetah_jobs_claimed_total{kind=\"delivery\"} 1\n",
        "cheetah_jobs_finished_total{kind=\"delivery\"} 1\n",
        "cheetah_carrier_calls_total{call=\"send\",outcome=\"ok\"} 1\n",
        "cheetah_carrier_call_duration_seconds_count{call=\"send\"} 1\n",
        "cheetah_model_calls_total{outcome=\"ok\"} 1\n",
        "cheetah_model_call_duration_seconds_count 1\n",
        "cheetah_model_provider_calls_total{provider=\"offline\",outcome=\"ok\"} 1\n",
        "direction=\"outbound\"} 1\n",
        "cheetah_pool_connections{pool=\"readers\",state=\"free\"}",
    ];
    let expected: Vec<_> = stages.iter().map(String::as_str).chain(counted).collect();
    let url = format!("{}/metrics", server.base_url());
    wait_for(&url, Some(&key(&server, "admin-api-key")), &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_fails_is_counted_although_another_answers() {
    let model = FakeModelServer::start().await.unwrap();
    // Each of two tries.
    model.then(FakeAnswer::ServerError).then(FakeAnswer::ServerError);
    let base = model.gemini_base().to_string();
    let (server, _folder) = start(|spec| spec.with("GEMINI_API_KEY", "key").with("GEMINI_API_BASE", &*base));
    text(&server, "SMfails").await;
    let failed = [
        "cheetah_model_provider_calls_total{provider=\"gemini\",outcome=\"unavailable\"} 1\n",
        "cheetah_model_provider_calls_total{provider=\"offline\",outcome=\"ok\"} 1\n",
        "cheetah_model_calls_total{outcome=\"ok\"} 1\n",
    ];
    let (url, key) = (format!("{}/metrics", server.base_url()), key(&server, "admin-api-key"));
    wait_for(&url, Some(&key), &failed).await;
    text(&server, "SManswers").await;
    let answered = "cheetah_model_provider_calls_total{provider=\"gemini\",outcome=\"ok\"} 1\n";
    wait_for(&url, Some(&key), &[answered, failed[0], failed[1]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_model_is_spared_after_a_few_failures_and_the_server_says_that_it_is_missing() {
    let nobody = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let base = format!("http://{nobody}");
    let (server, _folder) = start(|spec| spec.with("GEMINI_API_KEY", "key").with("GEMINI_API_BASE", &*base));
    let (url, key) = (format!("{}/metrics", server.base_url()), key(&server, "admin-api-key"));
    let called = |provider: &str, outcome: &str, count: usize| {
        format!(
            "cheetah_model_provider_calls_total{{provider=\"{provider}\",outcome=\"{outcome}\"}} {count}\n"
        )
    };
    for number in 1..=6 {
        text_from(&server, &format!("+155555509{number:02}"), &format!("SMdead{number}")).await;
        wait_for(&url, Some(&key), &[&called("offline", "ok", number)]).await;
    }
    let expected = [called("gemini", "unavailable", 5), called("gemini", "spared", 1)];
    wait_for(&url, Some(&key), &expected.each_ref().map(String::as_str)).await;
    let ready = format!("{}/readyz", server.base_url());
    wait_for(&ready, None, &["\"status\":\"degraded\"", "\"detail\":\"cannot be reached\""]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_takes_no_writes_any_more_makes_a_server_unready() {
    let database = crate::migrated::database();
    let (server, _folder) = start(|spec| spec.with("DATABASE_URL", database.url()));
    let health = format!("{}/health", server.base_url());
    wait_for(&health, None, &[r#""name":"database","status":"ok""#]).await;
    // As when another server has been promoted, and this one restarted to follow it.
    let reads_only = format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name());
    database.query(&reads_only).unwrap();
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() \
               AND pid <> pg_backend_pid()";
    database.query(cut).unwrap();
    wait_for(&health, None, &[r#""status":"unready""#, "takes no writes"]).await;
    let ready = http().get(format!("{}/readyz", server.base_url())).send().await.unwrap();
    assert_eq!(ready.status().as_u16(), 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_open_on_an_address_of_their_own_and_there_is_nothing_else() {
    let (server, _folder) = start(|spec| spec.with("METRICS_BIND", "127.0.0.1:0"));
    let log = server.log().unwrap();
    let address = log.split_once("metrics at ").unwrap().1.split_whitespace().next().unwrap();
    wait_for(address, None, &["cheetah_build_info{version="]).await;
    let other = address.replace("/metrics", "/api/v1/tenants");
    assert_eq!(http().get(other).send().await.unwrap().status().as_u16(), 404);
    let closed = http().get(format!("{}/metrics", server.base_url())).send().await.unwrap();
    assert_eq!(closed.status().as_u16(), 401, "the main address stays closed");
    server.stop().unwrap();
    assert!(http().get(address).send().await.is_err(), "it has stopped too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_of_its_own_shows_its_metrics_on_their_address() {
    let folder = tempfile::tempdir().unwrap();
    let spec = ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder.path());
    spec.start().unwrap().stop().unwrap();
    let worker = spec.command("worker").with("METRICS_BIND", "127.0.0.1:0");
    let worker = worker.start_until_logged("metrics at ").unwrap();
    wait_for(worker.base_url(), None, &["cheetah_queue_oldest_due_seconds 0\n"]).await;
    worker.stop().unwrap();
}

/// Runs `cheetah health` beside a process, and returns whether it found it ready, and what it printed.
fn health(folder: &TempDir, variable: &str, address: &str, arguments: &[&str]) -> (bool, String) {
    let spec = ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder.path()).command("health");
    let spec = arguments.iter().fold(spec, |spec, argument| spec.argument(argument));
    let output = spec.with(variable, address).run_to_end(PATIENCE).unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// Returns `host:port` of a URL.
fn address(url: &str) -> String {
    url.trim_start_matches("http://").split('/').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_a_server_is_ready_is_asked_by_a_command() {
    let (server, folder) = start(|spec| spec.with("DRAIN_MS", "4000"));
    let bind = address(server.base_url());
    let (is_ready, said) = health(&folder, "BIND", &bind, &[]);
    assert!(is_ready && said.contains("\"status\":\"ready\""), "{said}");
    let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(told.success());
    for _ in 0..40 {
        if !health(&folder, "BIND", &bind, &[]).0 {
            break;
        }
    }
    let (is_ready, said) = health(&folder, "BIND", &bind, &[]);
    assert!(!is_ready && said.contains("stopping") && said.contains("not ready"), "{said}");
    server.stop().unwrap();
    let (is_ready, said) = health(&folder, "BIND", &bind, &[]);
    assert!(!is_ready && said.contains("nobody answers at"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_a_worker_is_ready_is_asked_at_the_address_of_its_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let spec = ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder.path());
    spec.start().unwrap().stop().unwrap();
    let worker = spec.command("worker").with("METRICS_BIND", "127.0.0.1:0");
    let worker = worker.start_until_logged("metrics at ").unwrap();
    let (is_ready, said) = health(&folder, "METRICS_BIND", &address(worker.base_url()), &["--worker"]);
    assert!(is_ready && said.contains("\"name\":\"database\""), "{said}");
    worker.stop().unwrap();
    let (is_ready, said) = health(&folder, "BIND", "127.0.0.1:1", &["--worker"]);
    assert!(!is_ready && said.contains("METRICS_BIND"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_says_so_while_it_still_serves() {
    let (server, _folder) = start(|spec| spec.with("DRAIN_MS", "4000"));
    let status = async |path: &str| {
        let answer = http().get(format!("{}{path}", server.base_url())).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(status("/readyz").await, 200);
    let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(told.success());
    for _ in 0..40 {
        if status("/readyz").await == 503 {
            break;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    assert_eq!((status("/readyz").await, status("/healthz").await), (503, 200));
    server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_ends_its_request_is_hung_up_on() {
    let (server, _folder) = start(|spec| spec);
    let mut client = TcpStream::connect(server.base_url().trim_start_matches("http://")).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client.write_all(b"GET /healthz HTTP/1.1\r\nHost: chat.example").unwrap();
    let mut answer = Vec::new();
    let ended = client.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    assert!(ended.is_ok(), "it was not hung up on: {ended:?} {answer}");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
}
