//! Which database a server under test keeps its data in: the embedded one, or with `CHEETAH_TEST_DATABASE=postgres` one on
//! Postgres for each folder, and beside it a Redis.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex},
    thread::sleep,
    time::Duration,
};

use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _,
    sql_query, sql_types::Text,
};
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

/// Gives a folder a database that nobody has migrated.
pub(crate) fn leave_unmigrated(folder: &Path) {
    if on_postgres() {
        let empty = harness::postgres::server().unwrap().empty_database().unwrap();
        BY_FOLDER.lock().unwrap().insert(folder.to_owned(), empty);
    }
}

/// Returns the URL of the database that belongs to a folder; `None` for the embedded one.
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

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

/// Returns the rows of a table in a folder's database, whole and in a fixed order, ids and other bytes as hexadecimal
/// digits.
pub(crate) fn rows(folder: &Path, table: &str) -> Vec<String> {
    if on_postgres() {
        let rows = with_database(folder, |database| {
            database.query(&format!("SELECT t::text FROM {table} t ORDER BY 1")).unwrap()
        });
        return rows.lines().map(str::to_owned).collect();
    }
    let file = folder.join("cheetah.db").display().to_string();
    let mut database = SqliteConnection::establish(&file).unwrap();
    let mut ask = |query: String| -> Vec<String> {
        let rows: Vec<Row> = sql_query(query).load(&mut database).unwrap();
        rows.into_iter().map(|row| row.row).collect()
    };
    let columns = ask(format!("SELECT 'quote(' || name || ')' AS row FROM pragma_table_info('{table}')"));
    assert!(!columns.is_empty(), "there is no table {table}");
    ask(format!("SELECT {} AS row FROM {table} ORDER BY 1", columns.join(" || ',' || ")))
}

/// How the Redis beside Postgres fares.
#[derive(Clone, Copy, PartialEq)]
enum Redis {
    On,
    Off,
    Dying,
}

/// What `CHEETAH_TEST_REDIS` says; it is on unless told otherwise, and there is none on the embedded database.
fn redis() -> Redis {
    match std::env::var("CHEETAH_TEST_REDIS").as_deref() {
        _ if !on_postgres() => Redis::Off,
        Ok("on") | Err(_) => Redis::On,
        Ok("off") => Redis::Off,
        Ok("dying") => Redis::Dying,
        Ok(other) => panic!("CHEETAH_TEST_REDIS is {other}: write on, off or dying"),
    }
}

/// Returns the URL of the Redis that the processes of a folder share, where there is one.
pub(crate) fn redis_of(folder: &Path) -> Option<String> {
    let redis = redis();
    if redis == Redis::Off {
        return None;
    }
    let mut servers = REDIS_BY_FOLDER.lock().unwrap();
    let is_new = !servers.contains_key(folder);
    let server = servers.entry(folder.to_owned()).or_insert_with(|| RedisServer::start().unwrap());
    let url = server.url().to_owned();
    drop(servers);
    if is_new && redis == Redis::Dying {
        let folder = folder.to_owned();
        std::thread::spawn(move || {
            let mut round = 0;
            while std::panic::catch_unwind(|| hurt(&folder, round)).is_ok() {
                round += 1;
            }
            // A Redis that nothing happens to any more proves nothing.
            std::process::exit(101);
        });
    }
    Some(url)
}

/// Kills a Redis, lets it hang, or empties it, and lets it be well for a while.
fn hurt(folder: &Path, round: u32) {
    let on_it = |act: fn(&mut RedisServer) -> anyhow::Result<()>| {
        if let Some(server) = REDIS_BY_FOLDER.lock().unwrap().get_mut(folder) {
            act(server).unwrap();
        }
    };
    let [ill, well] = [300, 500].map(Duration::from_millis);
    match round % 3 {
        0 => {
            on_it(RedisServer::kill);
            sleep(ill);
            on_it(RedisServer::restart);
        }
        1 => {
            on_it(|server| server.pause());
            sleep(ill);
            on_it(|server| server.resume());
        }
        _ => on_it(|server| server.flush()),
    }
    sleep(well);
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
    ask(databases.entry(folder.to_owned()).or_insert_with(crate::migrated::database))
}
