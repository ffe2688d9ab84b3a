//! In which order events are read, while several write at once and after the database came from another cluster.

use tenancy::{EventLog as _, EventPosition, FeatureFlag, FlagStore as _, TenantScope, testing::platform};
use tokio_postgres::{Client, NoTls};

use crate::{support, tenants};

/// How often a reader looks before it gives up: writers in other databases of the cluster hold it up too.
const PATIENCE: usize = 20_000;

async fn names(
    stores: &postgres::Stores,
    scope: &TenantScope,
    after: EventPosition,
    count: usize,
) -> Vec<String> {
    for _ in 0..PATIENCE {
        let events = stores.read_events(scope, after, 100).await.unwrap();
        if events.len() >= count {
            return events.into_iter().map(|event| event.name).collect();
        }
    }
    panic!("there are no {count} events after {after}");
}

/// Returns once nobody is older than the last of `count` events, of whichever tenant.
async fn everything_told(stores: &postgres::Stores, count: usize) {
    for _ in 0..PATIENCE {
        if stores.news(&platform(), EventPosition::START, 100).await.unwrap().len() == count {
            return;
        }
    }
    panic!("there are no {count} events");
}

async fn writer(database: &harness::postgres::Database) -> Client {
    let (client, connection) = tokio_postgres::connect(database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Tells as one who has not committed yet.
fn telling(scope: &TenantScope, name: &str) -> String {
    format!(
        "INSERT INTO events (tenant_id, id, name, version, at, facts) \
         VALUES ('{}', gen_random_uuid(), '{name}', 1, now(), '{{}}')",
        scope.tenant_id()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_late_is_read_before_what_was_begun_after_it_and_never_skipped() {
    let (stores, database) = support::stores().await;
    let both = tenants::two(&stores, Box::new(())).await;
    everything_told(&stores, 5).await;
    let now = stores.last_position(&platform()).await.unwrap();
    let slow = writer(&database).await;
    slow.batch_execute(&format!("BEGIN; {}", telling(&both.tenant, "slow"))).await.unwrap();
    let at = chrono::DateTime::from_timestamp_micros(1_793_631_600_000_000).unwrap();
    stores.set(&both.tenant, FeatureFlag::EnableRag, true, at).await.unwrap();
    assert_eq!(stores.read_events(&both.tenant, now, 100).await.unwrap(), [], "the slow one is awaited");
    assert_eq!(stores.news(&platform(), now, 100).await.unwrap(), []);
    slow.batch_execute("COMMIT").await.unwrap();
    assert_eq!(names(&stores, &both.tenant, now, 2).await, ["slow", "feature_flag.switched_on"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_before_a_restore_come_first_once_the_database_is_opened() {
    let (stores, database) = support::stores().await;
    let both = tenants::two(&stores, Box::new(())).await;
    names(&stores, &both.tenant, EventPosition::START, 3).await;
    let other_cluster = "UPDATE events SET xid = '4000000000000'";
    database.query(other_cluster).unwrap();
    assert_eq!(stores.read_events(&both.tenant, EventPosition::START, 100).await.unwrap(), []);
    let reopened = support::stores_on(&database).await;
    let at = chrono::DateTime::from_timestamp_micros(1_793_631_600_000_000).unwrap();
    reopened.set(&both.tenant, FeatureFlag::EnableRag, true, at).await.unwrap();
    let told = names(&reopened, &both.tenant, EventPosition::START, 4).await;
    assert_eq!(told, ["tenant.created", "channel.bound", "channel.bound", "feature_flag.switched_on"]);
}
