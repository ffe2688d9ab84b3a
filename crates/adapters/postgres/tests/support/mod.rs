//! What the tests of this crate share: a real vault, and a database for each test.

use std::sync::Arc;

use harness::postgres::{Database, PostgresServer};
use kernel::{BoxError, Entropy};
use postgres::{Connection, Migrator, PoolSettings, Stores};
use tenancy::Vault;
use vault::{EnvelopeVault, KeyRing};

/// The operating system's randomness.
struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), BoxError> {
        Ok(getrandom::fill(bytes)?)
    }
}

/// A real vault with one key-encryption key.
pub(crate) fn vault() -> Arc<dyn Vault> {
    let ring = KeyRing::parse("1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    Arc::new(EnvelopeVault::new(ring, Arc::new(OsEntropy)))
}

/// Makes a database with the newest schema, for one test alone.
pub(crate) async fn database() -> Database {
    tokio::task::spawn_blocking(|| migrated_database(&harness::postgres::server().unwrap())).await.unwrap()
}

/// Makes a database with the newest schema on a server.
pub(crate) fn migrated_database(server: &PostgresServer) -> Database {
    server.migrated_database(migrate).unwrap()
}

fn migrate(url: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(Migrator::new(url.parse()?).run())?;
    Ok(())
}

/// Stores on a database, with pools for a test.
pub(crate) async fn stores_on(database: &Database) -> Stores {
    let connection: Connection = database.url().parse().unwrap();
    let pool = PoolSettings { upkeep: 16, ..PoolSettings::default() };
    Stores::open(connection, pool, vault()).await.unwrap()
}

/// Stores on a database of their own.
pub(crate) async fn stores() -> (Stores, Database) {
    let database = database().await;
    (stores_on(&database).await, database)
}
