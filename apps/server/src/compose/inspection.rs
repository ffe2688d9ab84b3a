//! What `cheetah doctor` needs of adapters: it opens what the server would open and asks what costs nothing.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use cheetah_redis::{RedisClient, RedisFailure, RedisSettings};
use conversation::JobQueue;
use kernel::{GatewayError, StoreError, Timestamp};
pub use postgres::LoginExcess;
use tenancy::{KeyStatus, SecretText, TenancyError, VaultError};
pub use twilio::{AccountAnswer, AccountStanding};
use twilio::{PlatformAccount, Timeouts};
use url::Url;
use vault::{EnvelopeVault, KeyRing};

use super::{
    BOXED_ACCOUNT_SID, BOXED_CARRIER_PATH, FAKE_CARRIER_TOKEN, TWILIO_API,
    database::{self, KeyAccess},
};
use crate::{
    config::{Config, Database, PublicBaseUrl},
    local_keys::LocalKeys,
    system::OsEntropy,
};

/// Why a database does not open, as far as what to do about it differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenFault {
    /// The keys are not those that it was made with.
    Keys,
    /// The version of the key-encryption key that wraps the platform's key is not configured.
    KeyVersion(i32),
    /// The login could see more than one tenant's rows.
    Privileged,
    /// Anything else.
    Other,
}

/// An open database, to be looked at and not worked on.
pub struct Opened {
    jobs: Arc<dyn JobQueue>,
    access: KeyAccess,
}

impl Opened {
    /// Returns when the next job that nobody holds is due.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.jobs.next_due(&self.access.platform).await
    }

    /// Returns which versions of the key-encryption key wrap how many keys.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn key_status(&self) -> Result<KeyStatus, TenancyError> {
        self.access.keys.status(&self.access.platform).await
    }

    /// Tells whether keys of this version can be opened.
    pub fn has_key_version(&self, version: i32) -> bool {
        self.access.keys.has_version(version)
    }
}

/// Checks that key-encryption keys can be used.
///
/// # Errors
/// When they cannot; the error does not repeat them.
pub fn check_key_encryption_keys(keys: &SecretText) -> anyhow::Result<()> {
    KeyRing::parse(keys.expose())?;
    Ok(())
}

/// Opens the configured database, which has had every migration, as the server does.
///
/// # Errors
/// When it does not open; [`open_fault`] tells why.
pub async fn open(config: &Config, keys: &SecretText) -> anyhow::Result<Opened> {
    let ring = KeyRing::parse(keys.expose())?;
    let vault = Arc::new(EnvelopeVault::new(ring, Arc::new(OsEntropy)));
    let stores = database::open(config, Arc::<EnvelopeVault>::clone(&vault)).await?;
    Ok(Opened { access: KeyAccess::of(&stores, vault), jobs: stores.jobs })
}

/// Tells why the database did not open.
pub fn open_fault(error: &anyhow::Error) -> OpenFault {
    let version = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref() {
        Some(VaultError::UnknownKeyVersion(version)) => Some(*version),
        _ => None,
    };
    if let Some(version) = error.chain().find_map(version) {
        return OpenFault::KeyVersion(version);
    }
    match (error.downcast_ref(), error.downcast_ref()) {
        (Some(sqlite::OpenError::Keys(_)), _) | (_, Some(postgres::OpenError::Keys(_))) => OpenFault::Keys,
        (
            _,
            Some(
                postgres::OpenError::Privileged { .. }
                | postgres::OpenError::OpenView { .. }
                | postgres::OpenError::OpenFunction { .. },
            ),
        ) => OpenFault::Privileged,
        _ => OpenFault::Other,
    }
}

/// Tells whether somebody on the way could read what goes to the database and comes from it.
pub fn is_readable_on_the_way(config: &Config) -> bool {
    let Database::Postgres(url) = &config.database else { return false };
    database::connection(url.expose()).is_ok_and(|connection| connection.is_readable_on_the_way())
}

/// Returns what the login that serves may do and need not, on Postgres.
///
/// # Errors
/// When the database cannot be asked.
pub async fn login_excess(config: &Config) -> anyhow::Result<Option<LoginExcess>> {
    let Database::Postgres(url) = &config.database else { return Ok(None) };
    Ok(database::connection(url.expose())?.login_excess().await?)
}

/// Why Redis did not tell how it is.
#[derive(Debug)]
pub enum RedisSilence {
    /// It was not reached.
    Unreachable(String),
    /// It refused, saying this.
    Refused(String),
}

/// Asks Redis how it is, as the server would, within a time for the connection and for the answer.
///
/// # Errors
/// When it does not tell.
pub async fn ask_redis(url: &SecretText, within: Duration) -> Result<String, RedisSilence> {
    let mut settings = RedisSettings::new(url.expose(), "doctor");
    (settings.command_timeout, settings.connect_timeout) = (within, within);
    let ask = async { RedisClient::new(settings)?.info().await };
    ask.await.map_err(|failure: RedisFailure| match failure.refusal() {
        Some(said) => RedisSilence::Refused(said),
        None => RedisSilence::Unreachable(format!("{:#}", anyhow::Error::from(failure))),
    })
}

/// The account by which the installation itself sends.
pub struct SenderAccount(PlatformAccount);

impl SenderAccount {
    /// Tells whether it is at the carrier in the box.
    pub fn is_in_the_box(&self) -> bool {
        self.0.account_sid == BOXED_ACCOUNT_SID
    }

    /// Returns where its carrier is.
    pub fn host(&self) -> &str {
        self.0.api_base.host_str().unwrap_or_default()
    }

    /// Asks the carrier for it, within a time.
    ///
    /// # Errors
    /// When the carrier was not reached, or TLS cannot be set up.
    pub async fn ask(&self, within: Duration) -> Result<AccountAnswer, GatewayError> {
        let http = twilio::http_client(Timeouts { connect: within, total: within });
        let http = http.map_err(|error| GatewayError::Unavailable(error.into()))?;
        twilio::ask_for_account(&http, &self.0).await
    }
}

/// Returns the account by which the installation sends: the configured one, or on somebody's own machine the one at the
/// carrier in the box, if a start has made it. Nothing is made here.
///
/// # Errors
/// When the account's token cannot be read.
pub fn sender_account(config: &Config, keys: Option<&LocalKeys>) -> anyhow::Result<Option<SenderAccount>> {
    if let Some(account) = &config.twilio {
        let api_base = match &config.twilio_api_base {
            Some(base) => base.clone(),
            None => Url::parse(TWILIO_API)?,
        };
        let (account_sid, auth_token) = (account.account_sid.clone(), account.auth_token.clone());
        return Ok(Some(SenderAccount(PlatformAccount { account_sid, auth_token, api_base })));
    }
    let token = keys.map(|keys| keys.read(FAKE_CARRIER_TOKEN)).transpose()?.flatten();
    let Some(token) = token.filter(|_| !config.environment.is_deployed()) else { return Ok(None) };
    let base = format!("{}{BOXED_CARRIER_PATH}", PublicBaseUrl::of_socket(config.bind));
    Ok(Some(SenderAccount(PlatformAccount {
        account_sid: BOXED_ACCOUNT_SID.to_owned(),
        auth_token: SecretText::new(token.trim()),
        api_base: Url::parse(&base).context("the carrier in the box has no address")?,
    })))
}
