//! A worker that hears no word of new work finds it by looking.

use std::{process::Command, time::Duration};

use harness::{
    ServerProcess,
    postgres::{Database, PostgresServer},
};

use crate::installation::{Installation, phones};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lets nobody connect any more, and cuts those who listen.
fn cut_listeners(server: &PostgresServer, database: &Database) {
    let name = database.name();
    // The last that is asked in a listener's session, before it tells others and after.
    let listeners = format!(
        "FROM pg_stat_activity WHERE datname = '{name}' AND (query ILIKE '%pg_backend_pid()%' OR query LIKE 'NOTIFY %')"
    );
    let count =
        || server.query("postgres", &format!("SELECT count(*) {listeners}")).unwrap().trim().to_owned();
    server.query("postgres", &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).unwrap();
    assert_ne!(count(), "0", "somebody listens");
    server.query("postgres", &format!("SELECT pg_terminate_backend(pid, 5000) {listeners}")).unwrap();
    assert_eq!(count(), "0", "nobody listens any more");
}

fn signal(process: &ServerProcess, name: &str) {
    let told = Command::new("kill").args([name, &process.id().to_string()]).status().unwrap();
    assert!(told.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_listener_is_cut_finds_jobs_all_the_same() {
    let server = harness::postgres::server().unwrap();
    // Longer than it takes to stop or kill a server that has just acknowledged a text.
    let mut installation = Installation::start_with(|spec| spec.with("DEBOUNCE_MS", "2000")).await;
    installation.servers[1].take().unwrap().kill().unwrap();
    let (phones, carrier) = (phones(2), installation.carrier.carrier().clone());
    // The worker alone answers, and has its connections then.
    installation.text(0, &phones[0], "SMbefore").await;
    signal(installation.servers[0].as_ref().unwrap(), "-STOP");
    carrier.wait_for_count(1, PATIENCE).await.unwrap();
    signal(installation.servers[0].as_ref().unwrap(), "-CONT");
    cut_listeners(&server, &installation.database);
    installation.text(0, &phones[1], "SMafter").await;
    installation.servers[0].take().unwrap().kill().unwrap();
    carrier.wait_for_count(2, PATIENCE).await.unwrap();
    let name = installation.database.name();
    server.query("postgres", &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).unwrap();
    installation.expect_each_text_answered_once(&phones).await;
}
