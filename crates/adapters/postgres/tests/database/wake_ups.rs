//! What one process signals wakes the workers of another, also after the connection for it broke.

use std::time::Duration;

use conversation::{
    JobQueue, Wake,
    testing::{ConversationStores, Samples},
};
use harness::postgres::Database;
use postgres::Stores;
use tokio::time::timeout;

use crate::{support, tenants};

/// How long a word may take, and a broken connection to come back.
const SOON: Duration = Duration::from_secs(20);
/// How long a worker would sleep without a word.
const LONG: Duration = Duration::from_secs(600);
/// The last that is asked in a listener's session, before it tells others and after.
const LISTENERS: &str = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
                         AND (query ILIKE '%pg_backend_pid()' OR query LIKE 'NOTIFY %')";

/// Two processes on one database, both of which listen, and the tenants of the first.
async fn two_processes() -> (ConversationStores, Stores, Database) {
    let database = support::database().await;
    let (one, other) = (support::stores_on(&database).await, support::stores_on(&database).await);
    for stores in [&one, &other] {
        timeout(SOON, stores.wait(Wake(0), LONG)).await.unwrap();
    }
    (tenants::two(&one, Box::new(one.clone())).await, other, database)
}

/// Sees that a message which one process stores wakes the other.
async fn expect_a_word(one: &ConversationStores, other: &Stores, samples: &Samples) {
    let seen = other.seen();
    one.conversations.receive(&one.tenant, &samples.inbound(&one.binding, "Hello")).await.unwrap();
    let woken = timeout(SOON, other.wait(seen, LONG)).await;
    assert!(woken.is_ok(), "nothing was heard");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_one_process_stores_wakes_the_workers_of_another() {
    let (one, other, _database) = two_processes().await;
    let samples = Samples::default();
    expect_a_word(&one, &other, &samples).await;
    expect_a_word(&one, &other, &samples).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_the_server_has_cut_wakes_workers_when_it_is_back_and_hears_again() {
    let (one, other, database) = two_processes().await;
    let (seen, samples) = (other.seen(), Samples::default());
    let cut = database.query(&format!("SELECT pg_terminate_backend(pid, 5000) {LISTENERS}")).unwrap();
    assert_eq!(cut.lines().filter(|line| line.trim() == "t").count(), 2, "both listened: {cut}");
    // Something may have been said while nobody listened.
    assert!(timeout(SOON, other.wait(seen, LONG)).await.is_ok(), "it did not come back");
    let listeners = || database.query(&format!("SELECT count(*) {LISTENERS}")).unwrap();
    for _ in 0..1_000 {
        if listeners().trim() == "2" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(listeners().trim(), "2", "both are back");
    expect_a_word(&one, &other, &samples).await;
}
