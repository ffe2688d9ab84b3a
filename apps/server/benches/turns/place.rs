//! A database that is measured, and how a process reaches it.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use postgres::{Connection, Migrator, PoolSettings};
use server::{compose::StorePorts, system::OsEntropy};
use tenancy::Vault;
use vault::{EnvelopeVault, KeyRing};

use crate::{
    bare_commit,
    bare_transaction::{self, Work},
    summary::Summary,
};

const KEYS: &str = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Where a database is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Place {
    /// Reads what `DATABASE_URL` may hold.
    pub(crate) fn parse(url: &str) -> Self {
        if url.starts_with("postgres://") { Self::Postgres(url.to_owned()) } else { Self::Sqlite(url.into()) }
    }

    /// Returns what `DATABASE_URL` says for it.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(url) => url.clone(),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "Postgres",
        }
    }

    /// Opens the stores as a server does, migrating the database if it is new.
    pub(crate) async fn open(&self) -> anyhow::Result<StorePorts> {
        let vault: Arc<dyn Vault> = Arc::new(EnvelopeVault::new(KeyRing::parse(KEYS)?, Arc::new(OsEntropy)));
        match self {
            Self::Sqlite(path) => {
                let stores = sqlite::Stores::open(path, vault)?;
                let changes = Some(stores.watch_changes());
                Ok(StorePorts { changes, ..StorePorts::all(&stores) }.kept())
            }
            Self::Postgres(url) => {
                let connection: Connection = url.parse()?;
                Migrator::new(connection.clone()).run().await?;
                // Whoever calls the stores directly is upkeep to them.
                let pools = PoolSettings { upkeep: 24, ..PoolSettings::default() };
                let stores = postgres::Stores::open(connection, pools, vault).await?;
                Ok(StorePorts::all(&stores))
            }
        }
    }

    /// Measures bare commits in a database that holds nothing else.
    pub(crate) async fn commit_bare(&self, callers: usize, count: usize) -> anyhow::Result<Summary> {
        match self {
            Self::Sqlite(path) => bare_commit::on_sqlite(path, count),
            Self::Postgres(url) => bare_commit::on_postgres(url, callers, count).await,
        }
    }

    /// Measures bare transactions, in a database that holds nothing else.
    pub(crate) async fn work_bare(
        &self,
        work: Work,
        series: &str,
        callers: usize,
        count: usize,
    ) -> anyhow::Result<Summary> {
        match self {
            Self::Sqlite(path) => bare_transaction::on_sqlite(path, work, series, callers, count),
            Self::Postgres(url) => bare_transaction::on_postgres(url, work, series, callers, count).await,
        }
    }

    /// Says who commits in [`Place::commit_bare`].
    pub(crate) fn writers(&self, callers: usize) -> String {
        match self {
            Self::Sqlite(_) => "one writer".to_owned(),
            Self::Postgres(_) => format!("{callers} connections"),
        }
    }

    /// Forgets all jobs, and lets the database tidy up.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        self.execute("DELETE FROM jobs").await?;
        match self {
            Self::Sqlite(_) => self.execute("PRAGMA wal_checkpoint(TRUNCATE)").await,
            Self::Postgres(_) => {
                self.count_rows().await?;
                self.execute("CHECKPOINT").await
            }
        }
    }

    /// Lets Postgres count its rows, which it does by itself within a minute. Until then it plans for tables that are empty.
    pub(crate) async fn count_rows(&self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(_) => self.execute("VACUUM ANALYZE").await,
        }
    }

    /// Forgets what is to be delivered, so that whoever claims next finds turns only.
    pub(crate) async fn forget_deliveries(&self) -> anyhow::Result<()> {
        self.execute("DELETE FROM jobs WHERE kind <> 'turn'").await
    }

    pub(crate) async fn execute(&self, statement: &str) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                conn.batch_execute("PRAGMA busy_timeout = 10000")?;
                conn.batch_execute(statement)?;
            }
            Self::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
                tokio::spawn(connection);
                client.batch_execute(statement).await.with_context(|| statement.to_owned())?;
            }
        }
        Ok(())
    }
}
