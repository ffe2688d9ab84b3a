//! A database on Postgres with the newest schema for one test: a copy of a template that a run makes once.

use std::thread;

use harness::postgres::{Database, PostgresServer};

/// Makes one in the cluster that tests share.
pub(crate) fn database() -> Database {
    database_on(&harness::postgres::server().unwrap())
}

/// Makes one in a cluster.
pub(crate) fn database_on(server: &PostgresServer) -> Database {
    let server = server.clone();
    // The caller's thread may drive a runtime of its own, and one within another does not start.
    thread::spawn(move || server.migrated_database(migrate).unwrap()).join().unwrap()
}

fn migrate(url: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(postgres::Migrator::new(url.parse()?).run())?;
    Ok(())
}
