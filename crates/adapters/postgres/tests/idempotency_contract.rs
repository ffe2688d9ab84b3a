//! The idempotency store on Postgres keeps the promises of the port.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::{sync::Arc, time::Duration};

use kernel::{Clock as _, TenantId, testing::ManualClock};
use limits::{
    Begun, CallerId, Fingerprint, IdempotencyKey, IdempotencyOwner, IdempotencyStore, testing::LimitsStores,
};
use postgres::Stores;
use tenancy::{
    BusinessProfile, Plan, Tenant, TenantScope, TenantStore,
    testing::{platform, scope},
};
use uuid::Uuid;

mod support;

async fn fresh() -> LimitsStores {
    let (stores, database) = support::stores().await;
    LimitsStores {
        platform: platform(),
        tenant: insert_tenant(&stores, 1).await,
        other: insert_tenant(&stores, 2).await,
        idempotency: Arc::new(stores),
        keep: Box::new(database),
    }
}

async fn insert_tenant(stores: &Stores, number: u128) -> TenantScope {
    let id = TenantId::new(Uuid::from_u128(number));
    let tenant = Tenant::create(id, "Somebody", Plan::Starter, ManualClock::default().now()).unwrap();
    TenantStore::insert(stores, &platform(), &tenant, &BusinessProfile::default()).await.unwrap();
    scope(id)
}

mod idempotency_store {
    limits::idempotency_store_contract!(super::fresh().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_at_once_in_two_processes_one_starts() {
    let database = support::database().await;
    // Two sets of connections to one database are what two processes have.
    let processes = [support::stores_on(&database).await, support::stores_on(&database).await];
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..50 {
        let stores = processes[number % 2].clone();
        tasks.spawn(async move {
            let (key, caller) = (IdempotencyKey::parse("key").unwrap(), CallerId::parse("caller").unwrap());
            let (asked, now) = (Fingerprint::of("POST", "/", b""), ManualClock::default().now());
            let owner = platform();
            let owner = IdempotencyOwner::Platform(&owner);
            stores.begin(owner, &key, &caller, &asked, now, Duration::from_secs(30)).await.unwrap()
        });
    }
    let begun = tasks.join_all().await;
    assert_eq!(begun.iter().filter(|one| matches!(one, Begun::Started(_))).count(), 1, "{begun:?}");
    assert_eq!(begun.iter().filter(|one| matches!(one, Begun::InFlight { .. })).count(), 49, "{begun:?}");
}
