//! One connection: how it is made, which role it takes on, and in which state it may be used again.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use kernel::BoxError;
use tokio::time::timeout;
use tokio_postgres::{
    Config, NoTls,
    config::{Host, SslMode},
};

use crate::{tls, types::Conn};

/// How long a new connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long a peer may leave sent bytes unacknowledged before the connection is given up.
const UNHEARD_WITHIN: Duration = Duration::from_secs(10);
/// How long a connection is idle before the peer is asked for a sign of life.
const ASK_AFTER: Duration = Duration::from_secs(30);
/// How often it is asked again, and how many questions it may leave open.
const ASK_AGAIN: (Duration, u32) = (Duration::from_secs(10), 3);
/// How much longer than the server may work on a statement its answer is waited for.
const ANSWER_LATER_BY: Duration = Duration::from_secs(2);

/// The role that works for one tenant at a time; row-level security holds it to that tenant's rows.
pub(crate) const APP_ROLE: &str = "cheetah_app";
/// The role that finds what must be found before a tenant is known. It has no grant on what customers say.
pub(crate) const PLATFORM_ROLE: &str = "cheetah_platform";

/// Where the database is, and as whom to log in.
#[derive(Clone)]
pub struct Connection {
    config: Config,
    tls: Option<tls::Connector>,
}

/// Why a text does not say where a database is.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// It is no `postgres://` URL.
    #[error("this is no postgres:// URL: {0}")]
    Malformed(String),
    /// Its certificates cannot be read.
    #[error("the certificates in {path} cannot be used: {reason}")]
    Certificates {
        /// The file.
        path: String,
        /// What is the matter with it.
        reason: String,
    },
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The server did not answer, or refused.
    #[error("the database server cannot be reached or refuses the login")]
    Refused(#[source] BoxError),
    /// It took too long.
    #[error("the database server did not answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The login may not take on the role.
    #[error(
        "the login may not act as {role}: has the database been migrated (`cheetah migrate`), and was the role granted to it?"
    )]
    Role {
        /// The role.
        role: &'static str,
        /// What the server said.
        #[source]
        source: BoxError,
    },
}

impl Connection {
    /// Tells whether somebody on the way could read along: it leaves this machine, and TLS is not required.
    pub fn is_readable_on_the_way(&self) -> bool {
        !self.requires_tls() && self.config.get_hosts().iter().any(is_elsewhere)
    }

    fn requires_tls(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require
    }

    /// Connects as the login itself.
    pub(crate) async fn connect(&self) -> Result<AsyncPgConnection, ConnectError> {
        let connecting = async {
            if let Some(tls) = &self.tls {
                let (client, driver) = self.config.connect(tls.clone()).await.map_err(refused)?;
                AsyncPgConnection::try_from_client_and_connection(client, driver).await.map_err(refused)
            } else {
                let (client, driver) = self.config.connect(NoTls).await.map_err(refused)?;
                AsyncPgConnection::try_from_client_and_connection(client, driver).await.map_err(refused)
            }
        };
        // Boxed: whoever may have to connect would carry all of this along.
        let connecting = timeout(CONNECT_WITHIN, Box::pin(connecting));
        connecting.await.map_err(|_| ConnectError::TimedOut(CONNECT_WITHIN))?
    }
}

fn is_elsewhere(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
            name != "localhost" && !address.is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => false,
    }
}

fn refused(error: impl Into<BoxError>) -> ConnectError {
    ConnectError::Refused(error.into())
}

impl FromStr for Connection {
    type Err = UrlError;

    /// Reads a `postgres://` URL. With `sslmode=require` (or `verify-full`) answers come over TLS, and the server's certificate
    /// is always checked: against `sslrootcert` (a PEM file) where it is given and else against the public authorities.
    /// Without it nothing is encrypted.
    fn from_str(url: &str) -> Result<Self, UrlError> {
        let (url, root_certificates) = tls::take_root_certificates(url);
        let mut config = Config::from_str(&url).map_err(|error| UrlError::Malformed(error.to_string()))?;
        if config.get_hosts().is_empty() {
            return Err(UrlError::Malformed("it names no host".to_owned()));
        }
        config
            .application_name("cheetah")
            .connect_timeout(CONNECT_WITHIN)
            .tcp_user_timeout(UNHEARD_WITHIN)
            .keepalives(true)
            .keepalives_idle(ASK_AFTER)
            .keepalives_interval(ASK_AGAIN.0)
            .keepalives_retries(ASK_AGAIN.1);
        let tls = match config.get_ssl_mode() {
            SslMode::Require => Some(tls::connector(root_certificates.as_deref())?),
            _ => None,
        };
        Ok(Self { config, tls })
    }
}

/// Shows where, never the password.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("hosts", &self.config.get_hosts())
            .field("database", &self.config.get_dbname())
            .finish_non_exhaustive()
    }
}

/// A pooled connection, and whether a transaction may be open on it.
pub(crate) struct Link {
    pub(crate) conn: Conn,
    pub(crate) is_open: bool,
}

/// Makes connections that work as one role.
pub(crate) struct Connector {
    pub(crate) connection: Connection,
    pub(crate) role: &'static str,
    pub(crate) statement_timeout: Duration,
}

impl Manager for Connector {
    type Type = Link;
    type Error = ConnectError;

    async fn create(&self) -> Result<Link, ConnectError> {
        let conn = self.connection.connect().await?;
        let mut conn = Conn::new(conn, self.statement_timeout + ANSWER_LATER_BY);
        let millis = self.statement_timeout.as_millis();
        // A transaction whose process hangs must not hold its rows for ever. And a plan is made for the average tenant: for one
        // with a hundred times as much, reading all of its contacts to join twenty of them costs a hundred times what was
        // thought. So each row that is joined is looked up by its key, and joins are made in the order in which they are
        // written, which begins with what is listed. The migrations say how much a tenant is thought to have. Left alone, Postgres
        // would plan anew for each call whenever a tenant's own numbers promise less, which takes longer than a page.
        let settings = format!(
            "SET ROLE {}; SET statement_timeout = {millis}; SET lock_timeout = {millis}; \
             SET idle_in_transaction_session_timeout = {millis}; \
             SET enable_material = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
             SET join_collapse_limit = 1; SET plan_cache_mode = force_generic_plan",
            self.role
        );
        let set = timeout(CONNECT_WITHIN, conn.batch_execute(&settings)).await;
        set.map_err(|_| ConnectError::TimedOut(CONNECT_WITHIN))?
            .map_err(|error| ConnectError::Role { role: self.role, source: error.into() })?;
        Ok(Link { conn, is_open: false })
    }

    async fn recycle(&self, link: &mut Link, _: &Metrics) -> RecycleResult<ConnectError> {
        // What was left open was being ended when it came back; where that did not succeed, nobody uses it again.
        if link.is_open || link.conn.is_broken() {
            return Err(RecycleError::message("a transaction was left open"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_readable(url: &str) -> bool {
        url.parse::<Connection>().unwrap().is_readable_on_the_way()
    }

    #[test]
    fn what_leaves_the_machine_without_tls_can_be_read_on_the_way() {
        for url in
            ["postgres://u@db.internal/x", "postgres://u@10.0.0.7/x", "postgres://u@localhost,db.internal/x"]
        {
            assert!(is_readable(url), "{url}");
            let with_tls = format!("{url}?sslmode=require");
            assert!(!is_readable(&with_tls), "{with_tls}");
        }
        for url in [
            "postgres://u@localhost/x",
            "postgres://u@127.0.0.1:5433/x",
            "postgres://u@[::1]/x",
            "postgres://u@%2Frun%2Fpg/x",
        ] {
            assert!(!is_readable(url), "{url}");
        }
    }
}
