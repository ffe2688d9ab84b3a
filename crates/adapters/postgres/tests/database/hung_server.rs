//! A server that hangs keeps nobody waiting without end, and works again when it is back.

use std::time::Duration;

use conversation::JobQueue as _;
use harness::postgres::PostgresServer;
use kernel::StoreError;
use postgres::{PoolSettings, Stores};
use tenancy::testing::platform;
use tokio::time::timeout;

use crate::support;

/// Longer than a statement may take, and shorter than for ever.
const LONG: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_is_not_answered_is_given_up_and_so_is_its_connection() {
    let make = || {
        let cluster = PostgresServer::dedicated().unwrap();
        let database = support::migrated_database(cluster.server());
        (cluster, database)
    };
    let (cluster, database) = tokio::task::spawn_blocking(make).await.unwrap();
    let pool = PoolSettings { upkeep: 2, statement: Duration::from_millis(300), ..PoolSettings::default() };
    let stores = Stores::open(database.url().parse().unwrap(), pool, support::vault()).await.unwrap();
    stores.next_due(&platform()).await.unwrap();
    cluster.pause().unwrap();
    let refused = timeout(LONG, stores.next_due(&platform())).await.expect("it waits without end");
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    cluster.resume().unwrap();
    // There is one connection for this, and it is another one now.
    timeout(LONG, stores.next_due(&platform())).await.unwrap().unwrap();
}
