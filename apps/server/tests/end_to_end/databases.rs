//! Which database a server under test keeps its data in: the embedded one, or with `CHEETAH_TEST_DATABASE=postgres` one on
//! Postgres for each folder, and beside it a Redis.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex},
};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use harness::{postgres::Database, redis::RedisServer};

/// Databases are dropped with their cluster, at the end of the run.
static BY_FOLDER: LazyLock<Mutex<HashMap<PathBuf, Database>>> = LazyLock::new(Mutex::default);

/// They end with this process.
static REDIS_BY_FOLDER: LazyLock<Mutex<HashMap<PathBuf, RedisServer>>> = LazyLock::new(Mutex::default);

/// Whether servers under test use Postgres.
pub(crate) fn on_postgres() -> bool {
    match std::env::var("CHEETAH_TEST_DATABASE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("CHEETAH_TEST_DATABASE is {other}: write sqlite or postgres"),
    }
}

/// Returns the URL of the empty database that belongs to a folder; `None` for the embedded one.
pub(crate) fn of(folder: &Path) -> Option<String> {
    on_postgres().then(|| with_database(folder, |database| database.url().to_owned()))
}

/// Runs a statement in a folder's database.
pub(crate) fn execute(folder: &Path, statement: &str) {
    if on_postgres() {
        with_database(folder, |database| database.query(statement).unwrap());
    } else {
        let mut database =
            SqliteConnection::establish(&folder.join("cheetah.db").display().to_string()).unwrap();
        database.batch_execute(statement).unwrap();
    }
}

/// Returns the URL of the Redis that the processes of a folder share; `None` on the embedded database.
pub(crate) fn redis_of(folder: &Path) -> Option<String> {
    on_postgres().then(|| {
        let mut servers = REDIS_BY_FOLDER.lock().unwrap();
        let server = servers.entry(folder.to_owned()).or_insert_with(|| RedisServer::start().unwrap());
        server.url().to_owned()
    })
}

/// Returns everything that lies in the files of a folder's database.
pub(crate) fn bytes_at_rest(folder: &Path) -> Vec<u8> {
    let files: Vec<PathBuf> = if on_postgres() {
        let data = with_database(folder, |database| {
            database.query("CHECKPOINT").unwrap();
            database
                .query(
                    "SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database \
                     WHERE datname = current_database()",
                )
                .unwrap()
        });
        std::fs::read_dir(data.trim()).unwrap().map(|file| file.unwrap().path()).collect()
    } else {
        ["cheetah.db", "cheetah.db-wal"].map(|name| folder.join(name)).to_vec()
    };
    files.iter().filter_map(|file| std::fs::read(file).ok()).flatten().collect()
}

fn with_database<R>(folder: &Path, ask: impl FnOnce(&Database) -> R) -> R {
    let mut databases = BY_FOLDER.lock().unwrap();
    let database = databases
        .entry(folder.to_owned())
        .or_insert_with(|| harness::postgres::server().unwrap().empty_database().unwrap());
    ask(database)
}
