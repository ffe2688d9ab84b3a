//! An empty database for one test: the embedded one, or with `CHEETAH_TEST_DATABASE=postgres` one on Postgres.

use std::{
    sync::{Arc, LazyLock},
    thread,
};

use harness::postgres::Database;
use postgres::PoolSettings;
use server::compose::StorePorts;
use tenancy::testing::PlainVault;
use tokio::runtime::Runtime;

/// Outlives every test's own runtime, so that connections do too.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
});

/// Makes an empty database, and returns what is to be dropped after its stores.
pub(crate) fn empty() -> (StorePorts, Option<Database>) {
    match std::env::var("CHEETAH_TEST_DATABASE").as_deref() {
        Ok("postgres") => {
            // The test's thread drives a runtime of its own, so another one has to wait.
            let (stores, database) = thread::spawn(empty_on_postgres).join().unwrap();
            (stores, Some(database))
        }
        Ok("sqlite") | Err(_) => {
            (StorePorts::all(&sqlite::Stores::temporary(Arc::new(PlainVault)).unwrap()), None)
        }
        Ok(other) => panic!("CHEETAH_TEST_DATABASE is {other}: write sqlite or postgres"),
    }
}

fn empty_on_postgres() -> (StorePorts, Database) {
    let database = crate::migrated::database();
    let connection: postgres::Connection = database.url().parse().unwrap();
    let stores = RUNTIME.block_on(async {
        postgres::Stores::open(connection, PoolSettings::default(), Arc::new(PlainVault)).await.unwrap()
    });
    (StorePorts::all(&stores), database)
}
