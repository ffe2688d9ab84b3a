//! Bringing a database to the schema that this program knows, one process at a time.

use std::time::Duration;

use diesel::{
    deserialize::QueryableByName,
    migration::{Migration, MigrationSource as _, MigrationVersion},
    pg::Pg,
    sql_types::{Bool, Text},
};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use kernel::BoxError;
use tokio::time::{Instant, timeout};

use crate::{ConnectError, Connection};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../../migrations/postgres");

/// The advisory lock that a migrating process holds: "cheetah" in ASCII.
const LOCK: i64 = 0x0063_6865_6574_6168;
/// How long whoever comes second waits for the first.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the database may take to answer a question about how it stands. What a migration itself does may take longer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How long a statement of a migration waits for others to let go of a table. Whoever waits longer stops all traffic behind it.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a database is not at the schema that this program knows.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Another process is migrating this database.
    #[error("another process is migrating this database; try again when it is done")]
    Busy,
    /// A migration failed; the database is as it was before it.
    #[error("a migration failed, and the database is as it was before it")]
    Failed(#[source] BoxError),
    /// The database has not been migrated to what this program needs.
    #[error("the database lacks what this program needs ({}): run `cheetah migrate`", .0.join(", "))]
    Behind(Vec<String>),
    /// The database cannot say which migrations it has had.
    #[error("the database cannot say which migrations it has had")]
    Unknown(#[source] BoxError),
    /// The database took the login and then did not answer.
    #[error("the database server did not answer within {} s", .0.as_secs())]
    Silent(Duration),
}

/// Which migrations a database has had, and which it lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Names of those that this program knows and the database has had.
    pub applied: Vec<String>,
    /// Names of those that the database lacks.
    pub pending: Vec<String>,
    /// Versions that the database has had and this program does not know: a newer program has migrated it.
    pub unknown: Vec<String>,
}

/// Migrates one database, logged in as its owner.
#[derive(Clone, Debug)]
pub struct Migrator {
    connection: Connection,
    patience: Duration,
}

impl Migrator {
    /// Makes the migrator. The login must own the tables, or the database in which they will be made, and may make roles.
    pub fn new(connection: Connection) -> Self {
        Self { connection, patience: PATIENCE }
    }

    /// Returns which migrations the database has had.
    ///
    /// # Errors
    /// As [`MigrateError`] says.
    pub async fn status(&self) -> Result<MigrationStatus, MigrateError> {
        status(&mut self.connection.connect().await?).await
    }

    /// Runs what is pending and returns its names. Several may call it at once: one migrates, the others wait their turn
    /// and find nothing to do.
    ///
    /// # Errors
    /// As [`MigrateError`] says.
    pub async fn run(&self) -> Result<Vec<String>, MigrateError> {
        let mut conn = self.connection.connect().await?;
        hold_lock(&mut conn, self.patience).await?;
        let setting = format!("SET lock_timeout = {}", LOCK_TIMEOUT.as_millis());
        let set = conn.batch_execute(&setting);
        answered(async { set.await.map_err(|error| MigrateError::Failed(error.into())) }).await?;
        let pending = status(&mut conn).await?.pending;
        // The harness blocks the thread it is on, and needs a runtime that can spare one.
        let run = tokio::task::spawn_blocking(move || run_pending(conn)).await;
        run.map_err(|error| MigrateError::Failed(error.into()))??;
        Ok(pending)
    }
}

/// Makes sure that a database has had every migration that this program needs.
pub(crate) async fn check(connection: &Connection) -> Result<(), MigrateError> {
    let status = status(&mut connection.connect().await?).await?;
    if status.pending.is_empty() { Ok(()) } else { Err(MigrateError::Behind(status.pending)) }
}

/// Waits for an answer, but not without end: a server that hangs would hang the start.
async fn answered<T>(asking: impl Future<Output = Result<T, MigrateError>>) -> Result<T, MigrateError> {
    timeout(ANSWERS_WITHIN, asking).await.unwrap_or(Err(MigrateError::Silent(ANSWERS_WITHIN)))
}

async fn hold_lock(conn: &mut AsyncPgConnection, patience: Duration) -> Result<(), MigrateError> {
    let give_up_at = Instant::now() + patience;
    let mut has_said_so = false;
    loop {
        if answered(try_lock(conn)).await? {
            return Ok(());
        }
        if Instant::now() >= give_up_at {
            return Err(MigrateError::Busy);
        }
        if !std::mem::replace(&mut has_said_so, true) {
            tracing::info!("another process is migrating this database; waiting for it");
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn try_lock(conn: &mut AsyncPgConnection) -> Result<bool, MigrateError> {
    diesel::select(diesel::dsl::sql::<Bool>(&format!("pg_try_advisory_lock({LOCK})")))
        .get_result::<bool>(conn)
        .await
        .map_err(|error| MigrateError::Unknown(error.into()))
}

fn run_pending(conn: AsyncPgConnection) -> Result<(), MigrateError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| MigrateError::Failed(error.into()))?;
    runtime.block_on(async move {
        let mut harness = AsyncMigrationHarness::new(conn);
        harness.run_pending_migrations(MIGRATIONS).map_err(MigrateError::Failed)?;
        Ok(())
    })
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

async fn status(conn: &mut AsyncPgConnection) -> Result<MigrationStatus, MigrateError> {
    let applied = answered(applied(conn)).await?;
    let known: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().map_err(MigrateError::Unknown)?;
    let is_applied =
        |version: &MigrationVersion<'_>| applied.iter().any(|one| one.version == version.to_string());
    let (had, lacking): (Vec<_>, Vec<_>) =
        known.iter().partition(|one| is_applied(&one.name().version().as_owned()));
    Ok(MigrationStatus {
        unknown: applied
            .iter()
            .filter(|one| !known.iter().any(|known| known.name().version().to_string() == one.version))
            .map(|one| one.version.clone())
            .collect(),
        applied: had.iter().map(|one| one.name().to_string()).collect(),
        pending: lacking.iter().map(|one| one.name().to_string()).collect(),
    })
}

async fn applied(conn: &mut AsyncPgConnection) -> Result<Vec<Applied>, MigrateError> {
    let unknown = |error: diesel::result::Error| MigrateError::Unknown(error.into());
    let has_any =
        diesel::select(diesel::dsl::sql::<Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL"))
            .get_result::<bool>(conn)
            .await
            .map_err(unknown)?;
    if !has_any {
        return Ok(Vec::new());
    }
    diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version")
        .load::<Applied>(conn)
        .await
        .map_err(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_waits_too_long_for_another_who_migrates_is_told_so() {
        let make = || harness::postgres::server().unwrap().empty_database().unwrap();
        let database = tokio::task::spawn_blocking(make).await.unwrap();
        let connection: Connection = database.url().parse().unwrap();
        let mut first = connection.connect().await.unwrap();
        hold_lock(&mut first, Duration::ZERO).await.unwrap();
        let second = Migrator { connection, patience: Duration::from_millis(300) };
        let refused = timeout(PATIENCE, second.run()).await.expect("it waits without end").unwrap_err();
        assert!(matches!(refused, MigrateError::Busy), "{refused}");
        drop(first);
        // The server notices that the first has gone a moment later.
        let third = Migrator { patience: PATIENCE, ..second };
        assert!(!third.run().await.unwrap().is_empty());
    }
}
