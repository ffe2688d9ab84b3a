//! `cheetah doctor`: looks at an installation from where it runs, and says of each thing whether it is well and how to
//! mend it. It makes no file and runs no migration, and every question it asks has an end.

mod access;
mod carrier;
mod database;
mod disk;
mod finding;
mod keys;
mod login;
mod model;
mod prices;
mod public_url;
mod redis;
mod signature;

use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Client, redirect::Policy};
use tenancy::SecretText;

use crate::{
    config::{Config, ConfigFaults, PublicBaseUrl},
    installation::InstallationKey,
    local_keys::LocalKeys,
};
pub use finding::{Finding, Report, Status};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// An installation that is looked at.
struct Patient {
    config: Config,
    /// The keys that a local start has made, if one has.
    keys: Option<LocalKeys>,
    /// The key-encryption keys, if there are any yet.
    key_encryption_keys: Option<SecretText>,
    http: Client,
}

impl Patient {
    fn new(config: Config) -> anyhow::Result<Self> {
        let keys = LocalKeys::existing(&config.data_dir);
        let made =
            || anyhow::Ok(keys.as_ref().map(LocalKeys::made_pii_encryption_key).transpose()?.flatten());
        let key_encryption_keys = match &config.pii_encryption_key {
            Some(given) => Some(given.clone()),
            None => made()?,
        };
        // Redirects are shown rather than followed: carriers do not follow them either.
        let http = Client::builder().timeout(PATIENCE).redirect(Policy::none()).no_proxy().build();
        Ok(Self { config, keys, key_encryption_keys, http: http.context("TLS cannot be set up")? })
    }

    fn installation(&self) -> Option<InstallationKey> {
        self.key_encryption_keys.as_ref().map(InstallationKey::derive)
    }

    /// Tells whether the public URL is the address that the server itself listens on, as on somebody's own machine.
    fn is_private(&self) -> bool {
        self.config.public_base_url == PublicBaseUrl::of_socket(self.config.bind)
    }
}

/// Looks at the installation that the environment describes.
pub async fn examine(environment: Result<Config, ConfigFaults>) -> Report {
    let config = match environment {
        Ok(config) => config,
        Err(faults) => return Report::of_faults(&faults),
    };
    let name = config.environment.as_str();
    let configuration =
        Finding::ok("configuration", format!("every variable can be used; APP_ENV is {name}"));
    let patient = match Patient::new(config) {
        Ok(patient) => patient,
        Err(error) => {
            let mend = "let the account that runs this read the folder DATA_DIR and its keys";
            return Report::new(vec![configuration, Finding::fail("keys", format!("{error:#}"), mend)]);
        }
    };
    let mut findings = vec![configuration];
    findings.extend(keys::look(&patient));
    findings.extend(disk::look(&patient));
    findings.extend(access::look(&patient));
    findings.extend(database::look(&patient).await);
    findings.extend(login::look(&patient).await);
    findings.extend(redis::look(&patient).await);
    let (reach, is_reached) = public_url::look(&patient).await;
    findings.push(reach);
    findings.push(signature::look(&patient, is_reached).await);
    findings.extend(carrier::look(&patient, is_reached).await);
    findings.extend(model::look(&patient).await);
    findings.extend(prices::look(&patient));
    Report::new(findings)
}
