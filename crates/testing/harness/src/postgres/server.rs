//! A cluster that runs somewhere, and the databases in it.

use std::sync::OnceLock;

use anyhow::{Context as _, anyhow, bail};

use super::{Database, Durability, PostgresCluster, programs::Programs, psql, template};
use crate::random::random;

/// The database that every cluster has, for statements about others.
const MAINTENANCE: &str = "postgres";
/// A template can be in use for a moment, for one by the autovacuum.
const CLONE_ATTEMPTS: usize = 5;
/// SQLSTATE of "source database is being accessed by other users".
const IN_USE: &str = "55006";

/// This process's own cluster. Nothing drops it at the end of the process; its watcher ends it then.
static OWN: OnceLock<Result<PostgresCluster, String>> = OnceLock::new();

/// Returns the cluster that the tests of this run share: the one that `CHEETAH_TEST_POSTGRES` names, or else one that
/// this process starts at the first call and that ends with it.
///
/// # Errors
/// When the variable holds no such URL, or no cluster can be started.
pub fn server() -> anyhow::Result<PostgresServer> {
    if let Ok(url) = std::env::var("CHEETAH_TEST_POSTGRES") {
        return PostgresServer::at(&url).context("CHEETAH_TEST_POSTGRES");
    }
    let own =
        OWN.get_or_init(|| PostgresCluster::start(Durability::Off).map_err(|error| format!("{error:#}")));
    own.as_ref().map(|cluster| cluster.server().clone()).map_err(|error| anyhow!("{error}"))
}

/// A running cluster, seen by its superuser.
#[derive(Clone, Debug)]
pub struct PostgresServer {
    programs: Programs,
    /// The URL up to the slash before the database.
    base_url: String,
}

impl PostgresServer {
    /// Names the cluster at a superuser's URL such as `postgres://postgres@127.0.0.1:20001/postgres`.
    ///
    /// # Errors
    /// When the URL has another form, or Postgres' programs are not installed here.
    pub fn at(url: &str) -> anyhow::Result<Self> {
        let authority = url.strip_prefix("postgres://").and_then(|rest| rest.split_once('/'));
        let Some((authority, _)) = authority.filter(|(authority, _)| !authority.is_empty()) else {
            bail!("`{url}` is no URL such as postgres://postgres@127.0.0.1:5432/postgres");
        };
        Ok(Self { programs: Programs::find()?, base_url: format!("postgres://{authority}") })
    }

    /// Starts a cluster for one test that kills, stops or pauses it, or looks at what all databases share.
    ///
    /// # Errors
    /// When it does not start.
    pub fn dedicated() -> anyhow::Result<PostgresCluster> {
        PostgresCluster::start(Durability::Off)
    }

    /// Returns the superuser's URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base_url)
    }

    /// Makes a template database, unless it is there: creates it empty and hands its URL to `make`. Whoever comes
    /// meanwhile, in this process or another, waits. A template that `make` failed to finish is made anew by the next.
    ///
    /// The name tells what is in it, such as a digest of the migrations: lower-case letters, digits and `_`.
    ///
    /// # Errors
    /// When the name has other letters, `make` fails, or the server cannot be reached.
    pub fn template(&self, name: &str, make: impl FnOnce(&str) -> anyhow::Result<()>) -> anyhow::Result<()> {
        template::ensure(self, checked(name)?, make)
    }

    /// Creates a database as a copy of a template.
    ///
    /// # Errors
    /// When there is no such template, or the server cannot be reached.
    pub fn clone_of(&self, template: &str) -> anyhow::Result<Database> {
        self.create(&format!("TEMPLATE {}", checked(template)?))
    }

    /// Creates a database with the newest schema: a copy of a template that `migrate` makes of an empty one, once for all
    /// who know the same migrations.
    ///
    /// # Errors
    /// When the migrations cannot be read, `migrate` fails, or the server cannot be reached.
    pub fn migrated_database(
        &self,
        migrate: impl FnOnce(&str) -> anyhow::Result<()>,
    ) -> anyhow::Result<Database> {
        let schema = template::name_of_schema()?;
        self.template(&schema, migrate)?;
        self.clone_of(&schema)
    }

    /// Creates an empty database.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub fn empty_database(&self) -> anyhow::Result<Database> {
        self.create("TEMPLATE template0")
    }

    /// Runs SQL in a database and returns the rows, a line each, columns parted by `|`.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the SQL; with its message and SQLSTATE.
    pub fn query(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        psql::run(&self.programs.path("psql"), &self.url(database), sql)
    }

    /// Runs SQL that is about databases, outside of them.
    pub(crate) fn query_maintenance(&self, sql: &str) -> anyhow::Result<String> {
        self.query(MAINTENANCE, sql)
    }

    /// Prepares a `psql` outside of all other databases.
    pub(crate) fn maintenance_session(&self) -> std::process::Command {
        psql::command(&self.programs.path("psql"), &self.url(MAINTENANCE))
    }

    fn create(&self, template: &str) -> anyhow::Result<Database> {
        let name = format!("t_{:016x}", random());
        let mut attempts = 1;
        loop {
            match self.query_maintenance(&format!("CREATE DATABASE {name} {template}")) {
                Ok(_) => return Ok(Database::new(self.clone(), name)),
                // The server itself has waited some seconds for the others to go.
                Err(error) if attempts < CLONE_ATTEMPTS && error.to_string().contains(IN_USE) => {
                    attempts += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Names go into statements as they are.
fn checked(name: &str) -> anyhow::Result<&str> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase());
    if !starts_well || name.len() > 63 || !name.bytes().all(is_plain) {
        bail!(
            "`{name}` is no plain database name: a lower-case letter, then letters, digits and `_`, up to 63"
        );
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_host_or_database_is_refused() {
        for url in ["", "postgres://", "postgres:///postgres", "postgres://localhost", "mysql://localhost/x"]
        {
            let refusal = PostgresServer::at(url).unwrap_err().to_string();
            assert!(refusal.contains("is no URL such as"), "{url}: {refusal}");
        }
    }

    #[test]
    fn a_database_stands_where_the_url_named_another() {
        let server = PostgresServer::at("postgres://postgres@127.0.0.1:20001/postgres").unwrap();
        assert_eq!(server.url("x"), "postgres://postgres@127.0.0.1:20001/x");
    }

    #[test]
    fn only_plain_names_go_into_statements() {
        assert!(checked("schema_5f3a").is_ok());
        for name in ["", "1a", "Schema", "a-b", "a;drop", &"a".repeat(64)] {
            assert!(checked(name).is_err(), "{name}");
        }
    }
}
