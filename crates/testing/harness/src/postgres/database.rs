//! A database that is there for one test.

use super::PostgresServer;

/// A database of its own. Dropping it drops it in the cluster, with whoever is still connected.
#[derive(Debug)]
pub struct Database {
    server: PostgresServer,
    name: String,
    url: String,
}

impl Database {
    pub(crate) fn new(server: PostgresServer, name: String) -> Self {
        let url = server.url(&name);
        Self { server, name, url }
    }

    /// Returns where it is, such as `postgres://postgres@127.0.0.1:20001/t_0123456789abcdef`, for a superuser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns its name in the cluster.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs SQL in it and returns the rows, a line each, columns parted by `|`.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the SQL; with its message and SQLSTATE.
    pub fn query(&self, sql: &str) -> anyhow::Result<String> {
        self.server.query(&self.name, sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A test may have ended the whole cluster; then the database went with it.
        let _ = self.server.query_maintenance(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
