//! Bringing a database file to the schema that this program knows.

use std::path::Path;

use diesel::{migration::Migration, sqlite::Sqlite};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use diesel::migration::MigrationSource as _;

use crate::db::{OpenError, establish};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../../migrations/sqlite");

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

/// Returns which migrations a database file has had. A file that is not there has had none, and is not made.
///
/// # Errors
/// As [`OpenError`] says.
pub fn migration_status(path: &Path) -> Result<MigrationStatus, OpenError> {
    let known: Vec<Box<dyn Migration<Sqlite>>> = MIGRATIONS.migrations().map_err(OpenError::Migration)?;
    let applied = if path.exists() {
        establish(path)?.applied_migrations().map_err(OpenError::Migration)?
    } else {
        Vec::new()
    };
    let (had, lacking): (Vec<_>, Vec<_>) =
        known.iter().partition(|one| applied.contains(&one.name().version().as_owned()));
    Ok(MigrationStatus {
        unknown: applied
            .iter()
            .filter(|version| !known.iter().any(|one| one.name().version().as_owned() == **version))
            .map(ToString::to_string)
            .collect(),
        applied: had.iter().map(|one| one.name().to_string()).collect(),
        pending: lacking.iter().map(|one| one.name().to_string()).collect(),
    })
}

/// Brings a database file to the newest schema, making it and its folder if they are not there.
///
/// # Errors
/// As [`OpenError`] says.
pub fn migrate(path: &Path) -> Result<Vec<String>, OpenError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|source| OpenError::Folder { path: folder.to_owned(), source })?;
    }
    let pending = migration_status(path)?.pending;
    establish(path)?.run_pending_migrations(MIGRATIONS).map_err(OpenError::Migration)?;
    Ok(pending)
}
