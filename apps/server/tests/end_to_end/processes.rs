//! Two servers and a worker on one Postgres database: whoever of them dies, nothing is lost and nothing said twice.

use harness::ServerProcess;

use crate::installation::{Installation, phones};

/// Kills one process while texts come in, and sees that everybody is answered once: who wrote before and who wrote after.
async fn survive(kill: impl FnOnce(&mut Installation) -> ServerProcess) {
    let (mut installation, phones) = (Installation::start().await, phones(24));
    let (before, after) = phones.split_at(12);
    installation.text_from_all(before, 1).await;
    // Their replies are being made at this moment.
    kill(&mut installation).kill().unwrap();
    installation.text_from_all(after, 2).await;
    installation.expect_each_text_answered_once(&phones).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_message_fifty_times_over_two_servers_is_one_row_and_one_reply() {
    let installation = Installation::start().await;
    let texts = (0..50).map(|number| installation.text(number, "+15555550700", "SMonce"));
    futures_util::future::join_all(texts).await;
    installation.expect_each(&phones(1), 1).await;
    let rows = "SELECT count(*) FROM messages WHERE direction = 'inbound'";
    assert_eq!(installation.database.query(rows).unwrap().trim(), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_answered_once_by_servers_and_worker_together() {
    let (installation, phones) = (Installation::start().await, phones(30));
    installation.text_from_all(&phones, 1).await;
    installation.expect_each(&phones, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_death_of_the_first_server_loses_nothing() {
    survive(|installation| installation.servers[0].take().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_death_of_the_second_server_loses_nothing() {
    survive(|installation| installation.servers[1].take().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_death_of_the_worker_loses_nothing() {
    survive(|installation| installation.worker.take().unwrap()).await;
}
