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

/// Replaces the demo tenant's profile so often at once.
fn put_profiles(installation: &Installation, count: usize) -> JoinSet<u16> {
    let demo = std::fs::read_to_string(installation.folder.path().join("keys/demo.json")).unwrap();
    let demo: Value = serde_json::from_str(&demo).unwrap();
    let base = installation.servers[0].as_ref().unwrap().base_url();
    let url = format!("{base}/api/v1/tenants/{}/profile", demo["tenant_id"].as_str().unwrap());
    let request = installation.http.put(url).header("X-API-Key", demo["api_key"].as_str().unwrap());
    let request = request.json(&json!({"description": "Plumbing"}));
    let requests = (0..count).map(|_| request.try_clone().unwrap().send());
    requests.map(|sent| async move { sent.await.unwrap().status().as_u16() }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_statements_of_the_api_hold_up_neither_webhooks_nor_jobs() {
    let mut installation = Installation::start().await;
    // Only one process is to do it all.
    installation.servers[1].take().unwrap().kill().unwrap();
    installation.worker.take().unwrap().kill().unwrap();
    let holder = hold(&installation.database, "SELECT FROM business_profiles").await;
    let slow = put_profiles(&installation, SLOW);
    let began = Instant::now();
    while waiting(&installation.database) < 4 {
        assert!(began.elapsed() < PATIENCE, "they do not wait");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
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
