//! Postgres hangs, or dies and comes back, under two servers and a worker: whoever is told to stop stops, and nothing is lost
//! or said twice.

use std::time::{Duration, Instant};

use harness::{
    ServerProcess,
    postgres::{PostgresCluster, PostgresServer},
};

use crate::{
    installation::{Installation, phones},
    migrated,
};

/// How long an idle process may take to stop, and one with jobs under way, which get 25 seconds to finish.
const STOPS_WITHIN: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(38));

/// An installation on a cluster of its own.
async fn start() -> (PostgresCluster, Installation) {
    let cluster = PostgresServer::dedicated().unwrap();
    let database = migrated::database_on(cluster.server());
    let installation = Installation::start_on(database, |spec| spec).await;
    (cluster, installation)
}

/// Stops a process politely and sees that it takes no longer than this.
fn stop(process: Option<ServerProcess>, within: Duration) {
    let began = Instant::now();
    process.unwrap().stop().unwrap();
    assert!(began.elapsed() < within, "it took {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgres_hangs_whoever_is_told_to_stop_stops_and_then_everybody_is_answered_once() {
    let (cluster, mut installation) = start().await;
    let phones = phones(12);
    let (before, after) = phones.split_at(6);
    installation.text_from_all(before, 1).await;
    installation.expect_each_text_answered_once(before).await;
    cluster.pause().unwrap();
    stop(installation.worker.take(), STOPS_WITHIN.0);
    cluster.resume().unwrap();
    installation.text_from_all(after, 2).await;
    // Their replies are being made at this moment.
    cluster.pause().unwrap();
    stop(installation.servers[0].take(), STOPS_WITHIN.1);
    cluster.resume().unwrap();
    installation.expect_each_text_answered_once(&phones).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_postgres_dies_and_comes_back_everybody_is_answered_once() {
    let (mut cluster, mut installation) = start().await;
    let phones = phones(12);
    let (before, after) = phones.split_at(6);
    installation.text_from_all(before, 1).await;
    // Their replies are being made at this moment.
    cluster.kill().unwrap();
    assert_eq!(installation.text_to(0, &after[0], "SMrefused").await, Some(503));
    cluster.restart().unwrap();
    installation.text_from_all(after, 2).await;
    installation.expect_each_text_answered_once(&phones).await;
    cluster.kill().unwrap();
    stop(installation.worker.take(), STOPS_WITHIN.0);
    stop(installation.servers[0].take(), STOPS_WITHIN.0);
    cluster.restart().unwrap();
}
