//! A real Postgres for tests. Everything here blocks; an async test calls it before it awaits anything, or through
//! `spawn_blocking`.
//!
//! Most tests share one cluster and take a database of their own from a template that is made once:
//!
//! ```no_run
//! # fn migrate(url: &str) -> anyhow::Result<()> { Ok(()) }
//! # fn main() -> anyhow::Result<()> {
//! let server = harness::postgres::server()?;
//! // Letters, digits and `_`; with a digest of what makes it, since the cluster may outlive a change of that.
//! server.template("schema_5f3a", |url| migrate(url))?;
//! let database = server.clone_of("schema_5f3a")?;
//! let url = database.url(); // postgres://postgres@127.0.0.1:PORT/t_…, dropped with `database`
//! # Ok(())
//! # }
//! ```
//!
//! A test that kills, stops or pauses its Postgres takes [`PostgresServer::dedicated`]. A measurement takes
//! [`PostgresCluster::start`] with [`Durability::On`].
//!
//! The shared cluster is where `CHEETAH_TEST_POSTGRES` says (`cargo xtask test` and `cargo xtask services` start one).
//! Without that variable each process starts its own, which is right but slower.

mod cluster;
mod database;
mod files;
mod programs;
mod psql;
mod server;
mod template;

pub use cluster::{Durability, PostgresCluster};
pub use database::Database;
pub use server::{PostgresServer, server};
