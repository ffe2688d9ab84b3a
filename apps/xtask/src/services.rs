//! The services that run beside the tests, or for somebody who tries things out. They end with this program, also when
//! it is killed.

use std::ffi::OsString;
use std::thread;

use harness::postgres::{Durability, PostgresCluster};
use harness::redis::RedisServer;

use crate::needs::Found;

/// The database for trying things out.
const DATABASE: &str = "cheetah";
/// Where the tests find the cluster that they share.
const POSTGRES: &str = "CHEETAH_TEST_POSTGRES";

/// The cluster that all tests of a run share, and the programs of which tests start their own. Each test that needs a
/// Redis has one for itself.
pub(crate) struct SharedPostgres {
    cluster: PostgresCluster,
    found: Vec<Found>,
}

impl SharedPostgres {
    /// Starts the cluster.
    ///
    /// # Errors
    /// When it does not start; with the end of its log.
    pub(crate) fn start(found: Vec<Found>) -> anyhow::Result<Self> {
        println!("==> start PostgreSQL");
        let cluster = PostgresCluster::start(Durability::Off)?;
        println!("    {}", cluster.server().url("postgres"));
        Ok(Self { cluster, found })
    }

    /// Returns the variables that tell tests where all of it is.
    pub(crate) fn variables(&self) -> Vec<(&'static str, OsString)> {
        let cluster = (POSTGRES, self.cluster.server().url("postgres").into());
        self.found.iter().filter_map(Found::variable).chain([cluster]).collect()
    }
}

/// Starts a Postgres and a Redis, prints their addresses as lines for a shell, and holds them until this program is
/// interrupted.
///
/// # Errors
/// When one of them does not start.
pub(crate) fn hold() -> anyhow::Result<()> {
    let cluster = PostgresCluster::start(Durability::Off)?;
    let postgres = cluster.server();
    postgres.query("postgres", &format!("CREATE DATABASE {DATABASE}"))?;
    let redis = RedisServer::start()?;
    println!("\nexport DATABASE_URL={}", postgres.url(DATABASE));
    println!("export REDIS_URL={}", redis.url());
    println!("export {POSTGRES}={}", postgres.url("postgres"));
    println!("\nBoth are empty, and forget everything at the end. Stop them with Ctrl-C.");
    loop {
        thread::park();
    }
}
