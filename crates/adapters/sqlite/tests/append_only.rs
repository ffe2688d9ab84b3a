//! What the database file itself refuses, whatever the program asks: to change or remove a line of an audit log.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection, sql_query};
use kernel::{Clock as _, TenantId, testing::ManualClock};
use sqlite::Stores;
use tenancy::{
    AdminSessionStore, BusinessProfile, Plan, SecretDigest, Tenant, TenantStore, testing::operator,
};

mod support;

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_an_audit_log_is_neither_changed_nor_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cheetah.db");
    let stores = Stores::open(&path, support::vault()).unwrap();
    let now = ManualClock::default().now();
    let tenant = Tenant::create(TenantId::new(uuid::Uuid::now_v7()), "Somebody", Plan::Starter, now).unwrap();
    TenantStore::insert(&stores, &operator(), &tenant, &BusinessProfile::default()).await.unwrap();
    AdminSessionStore::open(&stores, &operator(), &SecretDigest::of("x"), now, now).await.unwrap();
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    for log in ["audit_log", "platform_audit_log"] {
        for (sql, refusal) in [
            (format!("UPDATE {log} SET actor = 'x'"), "a line of the audit log is not changed"),
            (format!("DELETE FROM {log}"), "a line of the audit log is not removed"),
        ] {
            let refused = sql_query(&sql).execute(&mut conn).unwrap_err();
            assert!(refused.to_string().contains(refusal), "{sql}: {refused}");
        }
    }
}
