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

#[cfg(test)]
mod tests {
    use diesel::{
        QueryableByName, RunQueryDsl as _, connection::SimpleConnection as _, sql_query, sql_types::Text,
    };

    use super::*;

    #[derive(QueryableByName)]
    struct Origins {
        #[diesel(sql_type = Text)]
        allowed_origins: String,
    }

    #[test]
    fn a_widget_token_that_was_open_to_every_origin_says_so_once_migrated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cheetah.db");
        let mut conn = establish(&path).unwrap();
        assert!(conn.applied_migrations().unwrap().is_empty());
        let all: Vec<Box<dyn Migration<Sqlite>>> = MIGRATIONS.migrations().unwrap();
        let before = all.iter().filter(|one| one.name().version() < "20261128000004".into());
        for migration in before {
            conn.run_migration(migration).unwrap();
        }
        conn.batch_execute(
            r#"INSERT INTO tenants VALUES (x'01', 'Bristol', 'active', 'starter', 0, 0);
            INSERT INTO widget_tokens (tenant_id, id, name, digest, allowed_origins, created_at) VALUES
                (x'01', x'01', 'open', x'01', '[]', 0), (x'01', x'02', 'listed', x'02', '["https://a.example"]', 0)"#,
        )
        .unwrap();
        assert!(!migrate(&path).unwrap().is_empty());
        let rows = sql_query("SELECT allowed_origins FROM widget_tokens ORDER BY id");
        let rows: Vec<_> =
            rows.load::<Origins>(&mut conn).unwrap().into_iter().map(|row| row.allowed_origins).collect();
        assert_eq!(rows, [r#"["*"]"#, r#"["https://a.example"]"#]);
    }
}
