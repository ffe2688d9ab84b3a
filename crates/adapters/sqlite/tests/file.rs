//! The database file: what it is called, and how long its log grows.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

mod support;

use std::sync::Arc;

use kernel::testing::{CountingIds, ManualClock};
use sqlite::Stores;
use tenancy::{BusinessProfile, ManageTenants, Plan, testing::platform};

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
