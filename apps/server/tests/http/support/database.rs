//! An empty database for one test: the embedded one, or with `CHEETAH_TEST_DATABASE=postgres` one on Postgres.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
    thread,
};

use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query, sql_types::Text,
};
use harness::postgres::Database;
use postgres::PoolSettings;
use server::compose::StorePorts;
use tempfile::TempDir;
use tenancy::testing::PlainVault;
use tokio::runtime::Runtime;

/// Outlives every test's own runtime, so that connections do too.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
});

/// A database that is gone once this is dropped. Drop its stores first.
pub(crate) enum TestDatabase {
    Sqlite(TempDir),
    Postgres(Database),
}

/// Makes an empty database.
pub(crate) fn empty() -> (StorePorts, TestDatabase) {
    match std::env::var("CHEETAH_TEST_DATABASE").as_deref() {
        // The test's thread drives a runtime of its own, so another one has to wait.
        Ok("postgres") => thread::spawn(empty_on_postgres).join().unwrap(),
        Ok("sqlite") | Err(_) => empty_on_sqlite(),
        Ok(other) => panic!("CHEETAH_TEST_DATABASE is {other}: write sqlite or postgres"),
    }
}

fn empty_on_sqlite() -> (StorePorts, TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let stores = sqlite::Stores::open(&file_in(folder.path()), Arc::new(PlainVault)).unwrap();
    (StorePorts::all(&stores), TestDatabase::Sqlite(folder))
}

fn empty_on_postgres() -> (StorePorts, TestDatabase) {
    let database = crate::migrated::database();
    let connection: postgres::Connection = database.url().parse().unwrap();
    let stores = RUNTIME.block_on(async {
        postgres::Stores::open(connection, PoolSettings::default(), Arc::new(PlainVault)).await.unwrap()
    });
    (StorePorts::all(&stores), TestDatabase::Postgres(database))
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join("cheetah.db")
}

impl TestDatabase {
    /// Returns every row of a tenant, in every table that has any, as text.
    pub(crate) fn rows_of(&self, tenant: &str) -> String {
        match self {
            Self::Sqlite(folder) => rows_on_sqlite(&file_in(folder.path()), tenant),
            Self::Postgres(database) => rows_on_postgres(database, tenant),
        }
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = sql_query(sql).load(conn).unwrap_or_else(|error| panic!("{error}: {sql}"));
    lines.into_iter().map(|line| line.line).collect()
}

/// The tenant's own row has its id in another column than its things have.
const TENANT_COLUMN: &str = "(column_name = 'tenant_id' OR (table_name = 'tenants' AND column_name = 'id'))";

fn rows_on_sqlite(file: &Path, tenant: &str) -> String {
    let mut conn = SqliteConnection::establish(&file.display().to_string()).unwrap();
    let columns =
        "SELECT m.name AS table_name, c.name AS column_name FROM sqlite_master m, pragma_table_info(m.name) c
                   WHERE m.type = 'table'";
    let tables = format!(
        "SELECT table_name || ' ' || column_name AS line FROM ({columns}) WHERE {TENANT_COLUMN} ORDER BY 1"
    );
    let mut rows = Vec::new();
    for line in lines(&mut conn, &tables) {
        let (table, owner) = line.split_once(' ').unwrap();
        let columns = format!("SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}')");
        let row = lines(&mut conn, &columns).join(" || ',' || ");
        let id = tenant.replace('-', "");
        let rows_of_table =
            format!("SELECT '{table}: ' || {row} AS line FROM {table} WHERE {owner} = x'{id}' ORDER BY 1");
        rows.extend(lines(&mut conn, &rows_of_table));
    }
    rows.join("\n")
}

fn rows_on_postgres(database: &Database, tenant: &str) -> String {
    let tables = database.query(&format!(
        "SELECT table_name || ' ' || column_name FROM information_schema.columns
         JOIN information_schema.tables USING (table_schema, table_name)
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND {TENANT_COLUMN}"
    ));
    let of_table = |line: &str| {
        let (table, owner) = line.split_once(' ').unwrap();
        format!("SELECT '{table}: ' || t::text AS line FROM {table} t WHERE {owner} = '{tenant}'")
    };
    let tables = tables.unwrap();
    let rows: Vec<_> = tables.lines().map(of_table).collect();
    database.query(&format!("{} ORDER BY 1", rows.join(" UNION ALL "))).unwrap()
}
