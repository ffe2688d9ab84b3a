//! How long the write-ahead log grows.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

mod support;

use std::sync::Arc;

use kernel::testing::{CountingIds, ManualClock};
use sqlite::Stores;
use tenancy::{BusinessProfile, ManageTenants, Plan, testing::platform};

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
