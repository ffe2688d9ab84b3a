//! That a connection which comes back to the pool has forgotten its tenant, however it came back.

use std::{sync::Arc, time::Duration};

use diesel::{dsl::sql, sql_types::Text};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use futures_util::FutureExt as _;
use kernel::{BoxError, Entropy, StoreError, TenantId};
use tenancy::{TenantScope, testing::scope};
use uuid::Uuid;
use vault::{EnvelopeVault, KeyRing};

use crate::{Migrator, PoolSettings, Stores, db::Database, types::Conn};

struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), BoxError> {
        bytes.fill(7);
        Ok(())
    }
}

/// Stores with one connection for tenants, so that each user gets the one before's.
async fn stores() -> (Stores, harness::postgres::Database) {
    let database = tokio::task::spawn_blocking(migrated_database).await.unwrap();
    let ring = KeyRing::parse("1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let vault = Arc::new(EnvelopeVault::new(ring, Arc::new(NoEntropy)));
    let settings =
        PoolSettings { upkeep: 2, statement: Duration::from_millis(500), ..PoolSettings::default() };
    (Stores::open(database.url().parse().unwrap(), settings, vault).await.unwrap(), database)
}

fn migrated_database() -> harness::postgres::Database {
    let migrate = |url: &str| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(Migrator::new(url.parse()?).run())?;
        Ok(())
    };
    harness::postgres::server().unwrap().migrated_database(migrate).unwrap()
}

fn some_tenant() -> TenantScope {
    scope(TenantId::new(Uuid::from_u128(1)))
}

/// What is found on a connection.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    /// Which connection it is.
    process: String,
    tenant: String,
    is_in_transaction: bool,
}

/// Returns what is found on the pool's one connection by whoever comes next and names no tenant.
async fn found_by_the_next(db: &Database) -> Found {
    let mut next = db.single_statement(&some_tenant()).await.unwrap();
    found(&mut next).await
}

/// Returns what is found, which takes several statements.
async fn found(conn: &mut Conn) -> Found {
    let mut ask =
        async |what: &str| diesel::select(sql::<Text>(what)).get_result::<String>(&mut *conn).await.unwrap();
    let process = ask("pg_backend_pid()::text").await;
    let tenant = ask("coalesce(current_setting('app.tenant_id', true), '')").await;
    let numbers = (ask("txid_current()::text").await, ask("txid_current()::text").await);
    Found { process, tenant, is_in_transaction: numbers.0 == numbers.1 }
}

/// Returns what is found before anybody has named a tenant. A test that finds it again at its end was given the same
/// connection, on which a transaction was ended, and not a new one.
async fn nothing(db: &Database) -> Found {
    let found = found_by_the_next(db).await;
    assert_eq!((found.tenant.as_str(), found.is_in_transaction), ("", false));
    found
}

/// Makes sure that a transaction has begun, which it does with its first statement, and says on which connection.
async fn assert_begun(conn: &mut Conn) -> String {
    let found = found(conn).await;
    assert_eq!((found.tenant, found.is_in_transaction), (some_tenant().tenant_id().to_string(), true));
    found.process
}

#[tokio::test]
async fn a_transaction_names_its_tenant_and_the_next_user_finds_none() {
    let (stores, _database) = stores().await;
    let nothing = nothing(&stores.db).await;
    let mut tx = stores.db.read(&some_tenant()).await.unwrap();
    assert_begun(&mut tx).await;
    drop(tx);
    assert_eq!(found_by_the_next(&stores.db).await, nothing);
}

#[tokio::test]
async fn after_a_commit_the_tenant_is_forgotten() {
    let (stores, _database) = stores().await;
    let nothing = nothing(&stores.db).await;
    let mut tx = stores.db.write(&some_tenant()).await.unwrap();
    assert_begun(&mut tx).await;
    tx.commit().await.unwrap();
    assert_eq!(found_by_the_next(&stores.db).await, nothing);
}

#[tokio::test]
async fn a_transaction_without_a_statement_leaves_nothing_behind() {
    let (stores, _database) = stores().await;
    let nothing = nothing(&stores.db).await;
    stores.db.write(&some_tenant()).await.unwrap().commit().await.unwrap();
    assert_eq!(found_by_the_next(&stores.db).await, nothing);
    drop(stores.db.write(&some_tenant()).await.unwrap());
    assert_eq!(found_by_the_next(&stores.db).await, nothing);
}

#[tokio::test]
async fn after_an_error_the_tenant_is_forgotten() {
    let (stores, _database) = stores().await;
    let nothing = nothing(&stores.db).await;
    let mut tx = stores.db.write(&some_tenant()).await.unwrap();
    tx.batch_execute("SELECT 1 / 0").await.unwrap_err();
    drop(tx);
    assert_eq!(found_by_the_next(&stores.db).await, nothing);
}

#[tokio::test]
async fn after_a_time_out_the_tenant_is_forgotten() {
    let (stores, _database) = stores().await;
    let nothing = nothing(&stores.db).await;
    let mut tx = stores.db.write(&some_tenant()).await.unwrap();
    tx.batch_execute("SELECT pg_sleep(5)").await.unwrap_err();
    drop(tx);
    assert_eq!(found_by_the_next(&stores.db).await, nothing);
}

#[tokio::test]
async fn after_a_cancelled_request_the_tenant_is_forgotten() {
    let (stores, _database) = stores().await;
    let nothing = nothing(&stores.db).await;
    let db = Arc::clone(&stores.db);
    let request = tokio::spawn(async move {
        let mut tx = db.write(&some_tenant()).await.unwrap();
        // Cancelled in the middle of a statement, with its answer on the way.
        tx.batch_execute("SELECT pg_sleep(0.3)").await.unwrap();
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    assert_eq!(found_by_the_next(&stores.db).await, nothing);
}

#[tokio::test]
async fn after_a_cancelled_beginning_the_tenant_is_forgotten() {
    let (stores, _database) = stores().await;
    let nothing = nothing(&stores.db).await;
    // Cancelled once what begins it was sent with the first statement, and some steps later.
    for steps in 1..=8 {
        let mut tx = stores.db.write(&some_tenant()).await.unwrap();
        let mut first = Box::pin(tx.batch_execute("SELECT pg_sleep(0.05)"));
        for _ in 0..steps {
            if first.as_mut().now_or_never().is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(first);
        drop(tx);
        assert_eq!(found_by_the_next(&stores.db).await, nothing, "after {steps} steps");
    }
}

#[tokio::test]
async fn after_a_panic_the_tenant_is_forgotten() {
    let (stores, _database) = stores().await;
    let nothing = nothing(&stores.db).await;
    let db = Arc::clone(&stores.db);
    let request = tokio::spawn(async move {
        let mut tx = db.write(&some_tenant()).await.unwrap();
        assert_begun(&mut tx).await;
        std::panic::panic_any("a fault in the middle of a request");
    });
    let panic = request.await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"a fault in the middle of a request"));
    assert_eq!(found_by_the_next(&stores.db).await, nothing);
}

#[tokio::test]
async fn a_connection_that_the_server_has_cut_is_replaced() {
    let (stores, database) = stores().await;
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() \
               AND pid <> pg_backend_pid()";
    database.query(cut).unwrap();
    let mut answered = false;
    for _ in 0..50 {
        answered = stores.ping().await.is_ok() && named_or_error(&stores.db).await.is_ok();
        if answered {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(answered, "the pools have connections again");
}

async fn named_or_error(db: &Database) -> Result<(), StoreError> {
    let mut next = db.single_statement(&some_tenant()).await?;
    next.batch_execute("SELECT 1").await.map_err(crate::errors::store_error)
}

#[tokio::test]
async fn whoever_finds_no_connection_free_is_told_so_in_time() {
    let (stores, _database) = stores().await;
    let _held = stores.db.write(&some_tenant()).await.unwrap();
    let started = std::time::Instant::now();
    let refused = stores.db.read(&some_tenant()).await.err().unwrap();
    assert!(matches!(refused, StoreError::Unavailable(_)));
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_transaction_that_is_left_idle_gives_its_locks_back() {
    let (stores, database) = stores().await;
    let mut forgotten = stores.db.write(&some_tenant()).await.unwrap();
    let process = assert_begun(&mut forgotten).await;
    let there = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {process}");
    let mut is_there = true;
    for _ in 0..200 {
        is_there = database.query(&there).unwrap().trim() != "0";
        if !is_there {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!is_there, "the server has ended it");
    forgotten.batch_execute("SELECT 1").await.unwrap_err();
}

#[tokio::test]
async fn no_plan_reads_all_of_a_tenants_rows_to_join_some_or_is_made_anew_for_each_call() {
    let (stores, _database) = stores().await;
    let mut tx = stores.db.read(&some_tenant()).await.unwrap();
    let settings = [
        ("enable_material", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("join_collapse_limit", "1"),
        ("plan_cache_mode", "force_generic_plan"),
    ];
    for (name, wanted) in settings {
        let asked = diesel::select(sql::<Text>(&format!("current_setting('{name}')")));
        assert_eq!(asked.get_result::<String>(&mut *tx).await.unwrap(), wanted, "{name}");
    }
}
