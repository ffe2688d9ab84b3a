//! Bringing a database file to the schema that this program knows.

use std::{
    fs::{File, TryLockError},
    path::Path,
    time::{Duration, Instant},
};

use diesel::{
    RunQueryDsl as _, SqliteConnection,
    dsl::sql,
    migration::{Migration, MigrationSource as _, MigrationVersion},
    sql_types::Bool,
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::db::{OpenError, establish, look_into};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../../migrations/sqlite");

/// How long whoever comes second waits for the first.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

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

/// Returns which migrations a database file has had, and changes nothing in it. A file that is not there has had none, and is
/// not made.
///
/// # Errors
/// As [`OpenError`] says.
pub fn migration_status(path: &Path) -> Result<MigrationStatus, OpenError> {
    if path.exists() { status(&mut look_into(path)?) } else { compared(&[]) }
}

/// Brings a database file to the newest schema, making it and its folder if they are not there. Several processes may
/// call it at once: one migrates, the others wait their turn and find nothing to do.
///
/// # Errors
/// As [`OpenError`] says.
pub fn migrate(path: &Path) -> Result<Vec<String>, OpenError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .map_err(|source| OpenError::Folder { path: folder.to_owned(), source })?;
    let _held = hold(folder, PATIENCE)?;
    let mut conn = establish(path)?;
    let pending = status(&mut conn)?.pending;
    conn.run_pending_migrations(MIGRATIONS).map_err(OpenError::Migration)?;
    Ok(pending)
}

/// Locks the folder of a database for as long as the file that is returned is open, also against other threads; a
/// process that dies lets go of it. A lock in the database itself would come too late: making the file and switching on
/// its log are what fails when two do it at once.
fn hold(folder: &Path, patience: Duration) -> Result<File, OpenError> {
    let failed = |source| OpenError::Folder { path: folder.to_owned(), source };
    let opened = File::open(folder).map_err(failed)?;
    let give_up_at = Instant::now() + patience;
    loop {
        match opened.try_lock() {
            Ok(()) => return Ok(opened),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
            Err(TryLockError::WouldBlock) if Instant::now() >= give_up_at => return Err(OpenError::Busy),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK_AGAIN),
        }
    }
}

fn status(conn: &mut SqliteConnection) -> Result<MigrationStatus, OpenError> {
    // Where there is no list of them, asking for it would make one.
    let has_list = "EXISTS (SELECT 1 FROM sqlite_master WHERE name = '__diesel_schema_migrations')";
    let has_list = diesel::select(sql::<Bool>(has_list)).get_result(conn);
    if !has_list.map_err(|error| OpenError::Migration(error.into()))? {
        return compared(&[]);
    }
    compared(&conn.applied_migrations().map_err(OpenError::Migration)?)
}

/// Compares what a database has had with what this program knows.
fn compared(applied: &[MigrationVersion<'_>]) -> Result<MigrationStatus, OpenError> {
    let known: Vec<Box<dyn Migration<Sqlite>>> = MIGRATIONS.migrations().map_err(OpenError::Migration)?;
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

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::PathBuf};

    use diesel::{
        Connection as _, QueryableByName, connection::SimpleConnection as _, sql_query, sql_types::Text,
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

    /// Returns what each file of a folder holds.
    fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.map(|file| (file.clone(), std::fs::read(file).unwrap())).collect()
    }

    #[test]
    fn asking_how_a_file_stands_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let [empty, foreign, own] = ["empty.db", "foreign.db", "own.db"].map(|name| folder.path().join(name));
        std::fs::write(&empty, "").unwrap();
        let mut conn = SqliteConnection::establish(foreign.to_str().unwrap()).unwrap();
        conn.batch_execute("CREATE TABLE bookings (id INTEGER PRIMARY KEY)").unwrap();
        drop(conn);
        let had = migrate(&own).unwrap();
        let before = files(folder.path());
        let stands = [&empty, &foreign, &own].map(|path| migration_status(path).unwrap().applied);
        assert_eq!(stands, [vec![], vec![], had]);
        assert!(files(folder.path()) == before, "files were made or changed");
    }

    #[test]
    fn of_many_that_migrate_at_once_one_does_it_and_all_succeed() {
        for _ in 0..5 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("new/cheetah.db");
            let all = std::sync::Barrier::new(5);
            let runs: Vec<_> = std::thread::scope(|threads| {
                let begin = || {
                    all.wait();
                    migrate(&path)
                };
                let started: Vec<_> = (0..5).map(|_| threads.spawn(begin)).collect();
                started.into_iter().map(|one| one.join().unwrap().unwrap()).collect()
            });
            assert_eq!(runs.iter().filter(|run| !run.is_empty()).count(), 1, "{runs:?}");
        }
    }

    #[test]
    fn whoever_waits_too_long_for_another_who_migrates_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let first = hold(folder.path(), Duration::ZERO).unwrap();
        let second = hold(folder.path(), Duration::from_millis(100));
        assert!(matches!(second, Err(OpenError::Busy)), "{second:?}");
        drop(first);
        hold(folder.path(), Duration::ZERO).unwrap();
    }
}
