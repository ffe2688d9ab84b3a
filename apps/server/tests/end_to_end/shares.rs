//! Each kind of work has connections to Postgres of its own: what is slow in one holds up no other.

use std::time::{Duration, Instant};

use harness::postgres::Database;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls};

use crate::installation::{Installation, phones};

/// How many requests of the API wait at the same row: more than it may have connections.
const SLOW: usize = 20;
/// How long they may take to get there.
const PATIENCE: Duration = Duration::from_secs(10);
const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Holds rows as long as it is kept.
async fn hold(database: &Database, rows: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("BEGIN; {rows} FOR UPDATE")).await.unwrap();
    client
}

fn waiting(database: &Database) -> usize {
    database.query(WAITING).unwrap().trim().parse().unwrap()
}

/// Waits until so many statements wait for rows at once.
async fn wait_until_waiting(database: &Database, count: usize) {
    let began = Instant::now();
    while waiting(database) < count {
        assert!(began.elapsed() < PATIENCE, "they do not wait");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Starts an installation in which only one process does it all.
async fn one_process() -> Installation {
    let mut installation = Installation::start().await;
    installation.servers[1].take().unwrap().kill().unwrap();
    installation.worker.take().unwrap().kill().unwrap();
    installation
}

/// Returns where the server is, and the demo tenant.
fn demo(installation: &Installation) -> (&str, Value) {
    let demo = std::fs::read_to_string(installation.folder.path().join("keys/demo.json")).unwrap();
    (installation.servers[0].as_ref().unwrap().base_url(), serde_json::from_str(&demo).unwrap())
}

/// Replaces the demo tenant's profile so often at once.
fn put_profiles(installation: &Installation, count: usize) -> JoinSet<u16> {
    let (base, demo) = demo(installation);
    let url = format!("{base}/api/v1/tenants/{}/profile", demo["tenant_id"].as_str().unwrap());
    let request = installation.http.put(url).header("X-API-Key", demo["api_key"].as_str().unwrap());
    let request = request.json(&json!({"description": "Plumbing"}));
    let requests = (0..count).map(|_| request.try_clone().unwrap().send());
    requests.map(|sent| async move { sent.await.unwrap().status().as_u16() }).collect()
}

/// Sees that the API reads and writes, also several requests at once.
async fn expect_the_api_to_answer(installation: &Installation) {
    let (base, demo) = demo(installation);
    let list = installation.http.get(format!("{base}/api/v1/conversations"));
    let listed = list.header("X-API-Key", demo["api_key"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(listed.status().as_u16(), 200);
    assert_eq!(put_profiles(installation, 3).join_all().await, [200, 200, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_statements_of_the_api_hold_up_neither_webhooks_nor_jobs() {
    let installation = one_process().await;
    let holder = hold(&installation.database, "SELECT FROM business_profiles").await;
    let slow = put_profiles(&installation, SLOW);
    wait_until_waiting(&installation.database, 4).await;
    let phones = phones(8);
    for (number, phone) in phones.iter().enumerate() {
        assert_eq!(installation.text_to(0, phone, &format!("SMslow{number}")).await, Some(200));
    }
    installation.expect_each_text_answered_once(&phones).await;
    assert!(waiting(&installation.database) >= 4, "they waited all the while");
    drop(holder);
    let done = slow.join_all().await;
    // The share's connections, of which some got the row, and those who found none free.
    assert!(done.iter().all(|status| [200, 503].contains(status)) && done.contains(&200), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_commits_are_stuck_holds_up_neither_the_api_nor_webhooks() {
    let installation = one_process().await;
    let phones = phones(24);
    let (first, rest) = phones.split_first().unwrap();
    // The first turn of the day makes the row in which every turn counts what it has used.
    installation.text(0, first, "SMfirst").await;
    installation.expect_each_text_answered_once(std::slice::from_ref(first)).await;
    let holder = hold(&installation.database, "SELECT FROM usage_days").await;
    let (stuck, later) = rest.split_at(15);
    for (number, phone) in stuck.iter().enumerate() {
        assert_eq!(installation.text_to(0, phone, &format!("SMstuck{number}")).await, Some(200));
    }
    // All connections that a worker has for tenants' rows.
    wait_until_waiting(&installation.database, 6).await;
    expect_the_api_to_answer(&installation).await;
    for (number, phone) in later.iter().enumerate() {
        assert_eq!(installation.text_to(0, phone, &format!("SMlater{number}")).await, Some(200));
    }
    assert!(waiting(&installation.database) >= 6, "they waited all the while");
    drop(holder);
    installation.expect_each_text_answered_once(&phones).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_that_are_stuck_hold_up_no_request_of_the_api() {
    let installation = one_process().await;
    let phones = phones(12);
    installation.text_from_all(&phones, 0).await;
    installation.expect_each_text_answered_once(&phones).await;
    // Storing a text takes its conversation's row.
    let holder = hold(&installation.database, "SELECT FROM conversations").await;
    let sids: Vec<_> = (0..phones.len()).map(|number| format!("SMstuck{number}")).collect();
    let texts = phones.iter().zip(&sids).map(|(phone, sid)| installation.text_to(0, phone, sid));
    let texts = futures_util::future::join_all(texts);
    let meanwhile = async {
        // All connections that webhooks have for tenants' rows.
        wait_until_waiting(&installation.database, 6).await;
        expect_the_api_to_answer(&installation).await;
        assert!(waiting(&installation.database) >= 6, "they waited all the while");
        drop(holder);
    };
    let (answers, ()) = tokio::join!(texts, meanwhile);
    // Those who found no connection free are delivered again by their carrier.
    assert!(answers.iter().all(|status| [Some(200), Some(503)].contains(status)), "{answers:?}");
    assert!(answers.contains(&Some(200)), "{answers:?}");
}
