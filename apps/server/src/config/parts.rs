//! The parts of the configuration that have a type of their own.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use kernel::PhoneNumber;
use tenancy::SecretText;
use url::Url;

/// What kind of installation this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Somebody's own machine: nothing needs to be set, keys are made on first start.
    Local,
    /// A shared machine for trying things out. Signatures are verified.
    Development,
    /// As production, for the last look.
    Staging,
    /// Real customers.
    Production,
}

impl Environment {
    /// Reads the name that `APP_ENV` holds.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "local" => Some(Self::Local),
            "development" => Some(Self::Development),
            "staging" => Some(Self::Staging),
            "production" => Some(Self::Production),
            _ => None,
        }
    }

    /// Returns the name that `APP_ENV` holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }

    /// Tells whether real traffic is expected, so that nothing may be left to defaults.
    pub fn is_deployed(self) -> bool {
        matches!(self, Self::Staging | Self::Production)
    }
}

/// Where data is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// In a SQLite file.
    Sqlite(PathBuf),
    /// Nowhere: it is gone when the process ends.
    Memory,
    /// On a Postgres server, which this URL names.
    Postgres(SecretText),
}

impl Database {
    /// Reads `DATABASE_URL`.
    ///
    /// # Errors
    /// Says what is wrong, without the URL, which may hold a password.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text == "memory:" {
            return Ok(Self::Memory);
        }
        match text.split_once(':') {
            Some(("postgres" | "postgresql", _)) => match Url::parse(text) {
                Ok(url) if url.path().len() > 1 => Ok(Self::Postgres(SecretText::new(text))),
                Ok(_) => Err("names a Postgres server and no database on it"),
                Err(_) => Err("is no URL"),
            },
            Some(("sqlite" | "file", path)) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                let path = path.split_once('?').map_or(path, |(path, _)| path);
                let is_path = !path.is_empty() && !path.starts_with(':');
                is_path.then(|| Self::Sqlite(path.into())).ok_or("names no file")
            }
            Some((_, rest)) if rest.starts_with("//") => Err("names a database that is not served"),
            // Such as `host=db user=owner password=…`, which Postgres' own tools take.
            Some(_) | None if text.contains(|letter: char| letter == '=' || letter.is_whitespace()) => {
                Err("is no URL, and no path of a file as it holds = or blanks")
            }
            Some(_) | None => Ok(Self::Sqlite(text.into())),
        }
    }
}

/// The address under which carriers and browsers reach this server, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicBaseUrl(String);

impl PublicBaseUrl {
    /// Reads an address: a scheme, a host, perhaps a port and a path, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let fits = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        fits.then(|| Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// Returns the address of a server that nothing stands in front of. One that listens everywhere is reached
    /// on its own machine by the loopback address.
    pub fn of_socket(bind: SocketAddr) -> Self {
        let host = if bind.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { bind.ip() };
        Self(format!("http://{}", SocketAddr::new(host, bind.port())))
    }

    /// Returns the address, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether callers reach it through TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Display for PublicBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The operator's own account at Twilio, which tenants without one use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwilioAccount {
    /// The account's id.
    pub account_sid: String,
    /// The token that signs webhooks and authenticates requests.
    pub auth_token: SecretText,
    /// A number of the account, which the demo tenant answers.
    pub phone_number: Option<PhoneNumber>,
}
/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}
