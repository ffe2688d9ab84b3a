//! An inbound message is one statement, prepared once: nothing before it and nothing after it.

use std::path::Path;

use conversation::testing::Samples;
use harness::postgres::PostgresServer;
use postgres::{PoolSettings, Stores};

use crate::{support, tenants};

/// Returns what the session that stores messages was told to do, a statement each.
fn statements(log: &Path) -> Vec<String> {
    let log = String::from_utf8(std::fs::read(log).unwrap()).unwrap();
    let of_session = |line: &str| {
        let (head, said) = line.split_once("] LOG:  ")?;
        let (_, session) = head.rsplit_once('[')?;
        Some((session.to_owned(), said.to_owned()))
    };
    let lines: Vec<_> = log.lines().filter_map(of_session).collect();
    let (session, _) = lines.iter().find(|(_, said)| said.contains("receive_message(")).unwrap();
    lines.iter().filter(|(one, _)| one == session).map(|(_, said)| said.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_stored_by_one_statement_that_is_prepared_once() {
    let make = || {
        let cluster = PostgresServer::dedicated().unwrap();
        let database = support::migrated_database(cluster.server());
        database.query(&format!("ALTER DATABASE {} SET log_statement = 'all'", database.name())).unwrap();
        (cluster, database)
    };
    let (cluster, database) = tokio::task::spawn_blocking(make).await.unwrap();
    // One connection for tenants: all is said on it.
    let pool = PoolSettings { upkeep: 2, ..PoolSettings::default() };
    let stores = Stores::open(database.url().parse().unwrap(), pool, support::vault()).await.unwrap();
    let both = tenants::two(&stores, Box::new(())).await;
    let samples = Samples::default();
    let receive = async || {
        both.conversations.receive(&both.tenant, &samples.inbound(&both.binding, "Hello")).await.unwrap();
    };
    receive().await;
    let log = cluster.folder().join("log");
    let before = statements(&log);
    receive().await;
    let said = statements(&log).split_off(before.len());
    let [said] = said.as_slice() else { panic!("not one statement: {said:?}") };
    let (how, what) = said.split_once(": ").unwrap();
    assert!(how.starts_with("execute s") && what.contains("receive_message("), "{said}");
    assert!(before.last().unwrap().starts_with(how), "prepared anew: {how} after {:?}", before.last());
}
