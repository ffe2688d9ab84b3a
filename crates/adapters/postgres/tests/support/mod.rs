//! What the tests of this crate share: a real vault, and a database for each test.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::Path,
    sync::Arc,
};

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
    let template = format!("cheetah_{:016x}", digest_of_migrations());
    server.template(&template, |url| Ok(migrate(url).map(|_| ())?)).unwrap();
    server.clone_of(&template).unwrap()
}

fn migrate(url: &str) -> Result<Vec<String>, postgres::MigrateError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(Migrator::new(url.parse().unwrap()).run())
}

fn digest_of_migrations() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../migrations/postgres");
    let mut migrations: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("up.sql")).collect();
    migrations.sort();
    let mut hasher = DefaultHasher::new();
    for migration in migrations {
        std::fs::read(migration).unwrap().hash(&mut hasher);
    }
    hasher.finish()
}

/// Stores on a database, with pools for a test.
pub(crate) async fn stores_on(database: &Database) -> Stores {
    let connection: Connection = database.url().parse().unwrap();
    let pool = PoolSettings { app: 12, platform: 4, ..PoolSettings::default() };
    Stores::open(connection, pool, vault()).await.unwrap()
}

/// Stores on a database of their own.
pub(crate) async fn stores() -> (Stores, Database) {
    let database = database().await;
    (stores_on(&database).await, database)
}
