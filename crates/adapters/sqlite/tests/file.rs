//! The database file: what it is called, and how long its log grows.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use conversation::{ConversationStore as _, testing::Samples};
use kernel::{
    Clock as _, TenantId,
    testing::{CountingIds, ManualClock},
};
use sqlite::Stores;
use tenancy::{
    BusinessProfile, ChannelStore, ManageTenants, Plan, Tenant, TenantStore,
    testing::{platform, scope},
};
use tokio::task::JoinSet;

const BOTH: &str =
    "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,2:Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

#[test]
fn a_database_keeps_its_name_when_a_key_is_added_and_no_other_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let open = |file: &str, vault| Stores::open(&folder.path().join(file), vault).unwrap();
    let name = open("one.db", support::vault()).name();
    assert_eq!(name.len(), 16);
    assert_eq!(open("one.db", support::vault_of(BOTH)).name(), name);
    assert_ne!(open("other.db", support::vault()).name(), name);
}

#[tokio::test]
async fn the_log_stays_short_however_much_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cheetah.db");
    let stores = Arc::new(Stores::open(&path, support::vault()).unwrap());
    let tenants =
        ManageTenants::new(stores, Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
    let mut longest = 0;

    for number in 0..2_500 {
        let name = format!("Plumbing No. {number}");
        tenants.create(&platform(), &name, Plan::Growth, &BusinessProfile::default()).await.unwrap();
        longest = longest.max(std::fs::metadata(folder.path().join("cheetah.db-wal")).unwrap().len());
    }

    assert!(longest > 0, "nothing was logged");
    assert!(longest < 24 * 1_024 * 1_024, "the log grew to {longest} bytes");
}

/// Where one transaction or another always waits for the others to be committed, too.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_stays_short_however_many_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let stores = Arc::new(Stores::open(&folder.path().join("cheetah.db"), support::vault()).unwrap());
    let log = folder.path().join("cheetah.db-wal");
    let ids = Arc::new(CountingIds::default());
    let mut owners = JoinSet::new();
    for _ in 0..16 {
        let tenants = ManageTenants::new(stores.clone(), Arc::new(ManualClock::default()), ids.clone());
        let log = log.clone();
        owners.spawn(async move {
            let mut longest = 0;
            for number in 0..500 {
                let name = format!("Plumbing No. {number}");
                tenants.create(&platform(), &name, Plan::Growth, &BusinessProfile::default()).await.unwrap();
                longest = longest.max(std::fs::metadata(&log).unwrap().len());
            }
            longest
        });
    }
    let longest = owners.join_all().await.into_iter().max().unwrap();
    assert!(longest < 24 * 1_024 * 1_024, "the log grew to {longest} bytes");
}

/// Messages that come at once are committed together, and told by one for all of them.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_copied_where_nothing_but_messages_at_once_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cheetah.db");
    let stores = Arc::new(Stores::open(&path, support::vault()).unwrap());
    let samples = Arc::new(Samples::seeded(1));
    let at = ManualClock::default().now();
    let tenant = Tenant::create(samples.id(TenantId::new), "Somebody", Plan::Starter, at).unwrap();
    TenantStore::insert(&*stores, &platform(), &tenant, &BusinessProfile::default()).await.unwrap();
    let scope = scope(tenant.id());
    let binding = Arc::new(samples.sms_binding(&scope, "+15551230000"));
    ChannelStore::insert(&*stores, &scope, &binding).await.unwrap();
    let before = std::fs::metadata(&path).unwrap().len();

    let mut senders = JoinSet::new();
    for _ in 0..16 {
        let (stores, samples) = (Arc::clone(&stores), Arc::clone(&samples));
        let (scope, binding) = (scope.clone(), Arc::clone(&binding));
        senders.spawn(async move {
            for _ in 0..40 {
                stores.receive(&scope, &samples.inbound(&binding, "hello")).await.unwrap();
            }
        });
    }
    senders.join_all().await;

    let until = Instant::now() + Duration::from_secs(20);
    while std::fs::metadata(&path).unwrap().len() == before {
        assert!(Instant::now() < until, "640 messages were stored, and none is in the database file");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
