//! The environment, read once into a typed [`Config`] with redacted secrets. All faults are reported together,
//! each with what to write instead.

mod access;
mod faults;
mod models;
mod operations;
mod parts;
mod pools;
mod proxies;
mod reader;
#[cfg(test)]
mod tests;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use kernel::PhoneNumber;
use tenancy::SecretText;
use tracing_subscriber::EnvFilter;
use url::Url;

pub use access::AccessConfig;
use access::{MAKE_ADMIN_KEY, MAKE_JWT_KEY};
pub use faults::{ConfigFault, ConfigFaults};
pub use models::{ModelServer, ModelsConfig};
pub use operations::OperationsConfig;
pub use parts::{Database, Environment, LogFormat, PublicBaseUrl, TwilioAccount};
pub use pools::PoolsConfig;
pub use proxies::TrustedProxies;
use reader::Reader;

/// Everything that the environment decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// What kind of installation this is.
    pub environment: Environment,
    /// What the installation is called.
    pub app_name: String,
    /// Where it listens.
    pub bind: SocketAddr,
    /// Where files are kept: the embedded database and the keys that a local start makes.
    pub data_dir: PathBuf,
    /// Where data is kept.
    pub database: Database,
    /// Where the database is migrated, when not by the login that serves: the login of the tables' owner.
    pub migration_database_url: Option<SecretText>,
    /// How many connections to it each kind of work may have.
    pub pools: PoolsConfig,
    /// The address under which carriers and browsers reach it.
    pub public_base_url: PublicBaseUrl,
    /// The key-encryption keys as written; the vault parses them. Unset only outside staging and production.
    pub pii_encryption_key: Option<SecretText>,
    /// How people and the operator are let in.
    pub access: AccessConfig,
    /// The operator's own carrier account; without one the built-in fake carrier sends.
    pub twilio: Option<TwilioAccount>,
    /// Where the carrier's API is, when it is not Twilio's own.
    pub twilio_api_base: Option<Url>,
    /// Whether webhooks must be signed. Only a local installation may say no.
    pub verify_twilio_signatures: bool,
    /// How long a reply waits for more to be said.
    pub debounce: Duration,
    /// Who writes replies.
    pub models: ModelsConfig,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines are written, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log_filter: String,
    /// Which proxies are believed when they say who has called them.
    pub trusted_proxies: TrustedProxies,
    /// How it is watched and stopped.
    pub operations: OperationsConfig,
}

impl Config {
    /// Reads the variables. Those it does not know are left alone.
    ///
    /// # Errors
    /// Names every variable that is missing or holds what it must not.
    pub fn from_env(vars: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigFaults> {
        let mut reader = Reader::new(vars);
        let config = Self::read(&mut reader);
        reader.finish().map(|()| config)
    }

    fn read(env: &mut Reader) -> Self {
        let environment = environment(env);
        let deployed = environment.is_deployed();
        if deployed {
            require_for_deployment(env, environment);
        }
        let bind = bind(env, environment);
        let data_dir = PathBuf::from(env.text("DATA_DIR").unwrap_or("./data"));
        let log_default = if environment == Environment::Local { LogFormat::Text } else { LogFormat::Json };
        Self {
            environment,
            app_name: env.text("APP_NAME").unwrap_or("Chatter Cheetah").to_owned(),
            database: database(env, environment)
                .unwrap_or_else(|| Database::Sqlite(data_dir.join("cheetah.db"))),
            migration_database_url: migration_database_url(env),
            pools: PoolsConfig::read(env),
            public_base_url: public_base_url(env, environment, bind),
            bind,
            data_dir,
            pii_encryption_key: pii_encryption_key(env),
            access: AccessConfig::read(env, deployed),
            twilio: twilio(env),
            twilio_api_base: env.parsed_unseen(
                "TWILIO_API_BASE",
                "write a URL, as in https://api.twilio.com",
                web_url,
            ),
            verify_twilio_signatures: verify_signatures(env, environment),
            debounce: debounce(env),
            models: ModelsConfig::read(env),
            log_format: env.parsed("LOG_FORMAT", "write json or text", log_format).unwrap_or(log_default),
            log_filter: log_filter(env),
            trusted_proxies: env
                .parsed("TRUSTED_PROXIES", GIVE_PROXIES, TrustedProxies::parse)
                .unwrap_or_default(),
            operations: OperationsConfig::read(env),
        }
    }
}

const MAKE_PII_KEY: &str = "write a version and a key, as in `1:` and what `openssl rand -base64 32` prints";
const GIVE_BASE_URL: &str = "write the address that carriers call, as in https://chat.example.com";
const GIVE_DATABASE: &str = "write postgres://user:password@host/database, or sqlite: and the path of a file, as in sqlite:/data/cheetah.db";
const GIVE_PROXIES: &str = "write addresses and networks with commas between, as in 10.0.0.0/8, 192.0.2.7";
const GIVE_BIND: &str = "write an IP address and a port, as in 0.0.0.0:8080";

fn environment(env: &mut Reader) -> Environment {
    let remedy = "write local, development, staging or production";
    // A misspelt name is a fault, so nothing ever runs as `local` by mistake.
    env.parsed("APP_ENV", remedy, Environment::from_name).unwrap_or(Environment::Local)
}

fn require_for_deployment(env: &mut Reader, environment: Environment) {
    let because = format!("APP_ENV={}", environment.as_str());
    for (name, remedy) in [
        ("PUBLIC_BASE_URL", GIVE_BASE_URL),
        ("PII_ENCRYPTION_KEY", MAKE_PII_KEY),
        ("ADMIN_API_KEY", MAKE_ADMIN_KEY),
        ("JWT_SECRET_KEY", MAKE_JWT_KEY),
        ("DATABASE_URL", GIVE_DATABASE),
    ] {
        env.require(name, &because, remedy);
    }
}

/// `PORT` replaces the port of `BIND`: container platforms set it and expect to be obeyed. Alone it opens every
/// interface, except on somebody's own machine.
fn bind(env: &mut Reader, environment: Environment) -> SocketAddr {
    let given: Option<SocketAddr> = env.parsed("BIND", GIVE_BIND, |text| text.parse().ok());
    let port: Option<u16> = env.parsed("PORT", "write a port, as in 8080", |text| text.parse().ok());
    let host =
        if port.is_some() && environment != Environment::Local { [0, 0, 0, 0] } else { [127, 0, 0, 1] };
    let mut bind = given.unwrap_or_else(|| SocketAddr::from((host, 8080)));
    if let Some(port) = port {
        bind.set_port(port);
    }
    bind
}

fn database(env: &mut Reader, environment: Environment) -> Option<Database> {
    let parsed = Database::parse(env.text("DATABASE_URL")?);
    match &parsed {
        Ok(Database::Memory) if environment.is_deployed() => {
            env.fault("DATABASE_URL", "is memory:, which keeps nothing", GIVE_DATABASE);
        }
        Err(problem) => env.fault("DATABASE_URL", *problem, GIVE_DATABASE),
        Ok(_) => {}
    }
    parsed.ok()
}

fn migration_database_url(env: &mut Reader) -> Option<SecretText> {
    let remedy = "write postgres://owner:password@host/database, the same database as DATABASE_URL";
    env.parsed_unseen("DATABASE_MIGRATION_URL", remedy, |text| match Database::parse(text) {
        Ok(Database::Postgres(url)) => Some(url),
        _ => None,
    })
}

fn public_base_url(env: &mut Reader, environment: Environment, bind: SocketAddr) -> PublicBaseUrl {
    let given = env.parsed_unseen("PUBLIC_BASE_URL", GIVE_BASE_URL, PublicBaseUrl::parse);
    if environment.is_deployed() && given.as_ref().is_some_and(|url| !url.is_https()) {
        env.fault("PUBLIC_BASE_URL", "does not begin with https://", GIVE_BASE_URL);
    }
    given.unwrap_or_else(|| PublicBaseUrl::of_socket(bind))
}

/// Only the shape is judged here, so that it is named with all other faults; the vault reads the keys.
fn pii_encryption_key(env: &mut Reader) -> Option<SecretText> {
    let key = env.secret("PII_ENCRYPTION_KEY")?;
    let is_key = |item: &str| {
        let Some((version, key)) = item.split_once(':') else { return false };
        version.parse::<i32>().is_ok_and(|version| version > 0) && (43..=44).contains(&key.len())
    };
    let mut items = key.expose().split([',', ' ', '\n', '\t']).filter(|item| !item.is_empty()).peekable();
    if items.peek().is_none() || !items.all(is_key) {
        env.fault("PII_ENCRYPTION_KEY", "is not one or more versions and keys of 32 bytes", MAKE_PII_KEY);
    }
    Some(key)
}

fn twilio(env: &mut Reader) -> Option<TwilioAccount> {
    let number = "write a number with its country code, as in +15551230000";
    let phone_number = env.parsed("TWILIO_PHONE_NUMBER", number, |text| PhoneNumber::parse(text).ok());
    let sid = "write the AccountSid that the carrier's console shows";
    let is_sid = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric()).then(|| text.to_owned());
    let is_whole = env.text("TWILIO_ACCOUNT_SID").is_some() == env.text("TWILIO_AUTH_TOKEN").is_some();
    if !is_whole {
        let both = "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or neither";
        let missing =
            if env.text("TWILIO_AUTH_TOKEN").is_none() { "TWILIO_AUTH_TOKEN" } else { "TWILIO_ACCOUNT_SID" };
        env.fault(missing, "is not set, and its companion is", both);
    }
    let account_sid = env.parsed("TWILIO_ACCOUNT_SID", sid, is_sid)?;
    let auth_token = env.secret("TWILIO_AUTH_TOKEN")?;
    Some(TwilioAccount { account_sid, auth_token, phone_number })
}

fn verify_signatures(env: &mut Reader, environment: Environment) -> bool {
    let verify = env.flag("VERIFY_TWILIO_SIGNATURES", true);
    if !verify && environment != Environment::Local {
        let problem = "is false, so that anybody could pose as the carrier";
        env.fault("VERIFY_TWILIO_SIGNATURES", problem, "write true; only APP_ENV=local may say false");
    }
    verify
}

fn debounce(env: &mut Reader) -> Duration {
    let parse = |text: &str| text.parse().ok().filter(|millis| *millis <= 60_000_u64);
    let millis = env.parsed("DEBOUNCE_MS", "write milliseconds from 0 to 60000", parse);
    Duration::from_millis(millis.unwrap_or(2_000))
}

fn log_format(text: &str) -> Option<LogFormat> {
    match text {
        "json" => Some(LogFormat::Json),
        "text" => Some(LogFormat::Text),
        _ => None,
    }
}

fn log_filter(env: &mut Reader) -> String {
    let remedy = "write a level or directives, as in info or info,server=debug";
    let parse = |text: &str| EnvFilter::try_new(text).is_ok().then(|| text.to_owned());
    env.parsed("RUST_LOG", remedy, parse).unwrap_or_else(|| "info".to_owned())
}

fn web_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
