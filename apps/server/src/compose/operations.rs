//! What is watched: the checks of what the server needs, and the ports with what measures them around.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use async_trait::async_trait;
use kernel::{Clock, TenantId};
use tenancy::{AdminSessionStore, Gate, PlatformScope, SecretDigest, TenantStore};
use twilio::{AccountStanding, PlatformAccount, Timeouts, ask_for_account, http_client};
use uuid::Uuid;

use super::{Ports, Settings};
use crate::{
    config::Config,
    http::middleware::{Lanes, LanesSettings},
    installation::InstallationKey,
    metrics::{MeasuredJobs, MeasuredModel, Metrics, MetricsPage},
    operations::Operations,
    readiness::{Need, Readiness, ReadinessCheck, Unready},
};

/// How long the carrier may take to show an account.
const CARRIER_TIMEOUTS: Timeouts =
    Timeouts { connect: Duration::from_secs(2), total: Duration::from_secs(2) };

/// How the whole is watched.
#[derive(Clone)]
pub struct OperationsSettings {
    /// How many tenants get a label of their own in the metrics.
    pub metrics_tenants: usize,
    /// How much of each class of request is served at once.
    pub lanes: LanesSettings,
    /// By what others of this installation know it.
    pub installation: InstallationKey,
}

impl OperationsSettings {
    pub(super) fn from_config(config: &Config, installation: InstallationKey) -> Self {
        let metrics_tenants = config.operations.metrics_tenants;
        Self { metrics_tenants, lanes: LanesSettings::default(), installation }
    }
}

impl Ports {
    /// Puts what counts and times around the ports that are measured.
    pub(super) fn measured(&self, metrics: &Arc<Metrics>) -> Self {
        let mut measured = self.clone();
        let (jobs, model) = (Arc::clone(&self.stores.jobs), Arc::clone(&self.model));
        measured.stores.jobs = Arc::new(MeasuredJobs { jobs, metrics: Arc::clone(metrics) });
        measured.model = Arc::new(MeasuredModel { model, metrics: Arc::clone(metrics) });
        measured
    }

    /// Composes what whoever runs the server looks at.
    pub(super) fn operations(
        &self,
        settings: &Settings,
        gate: &Gate,
        metrics: &Arc<Metrics>,
    ) -> anyhow::Result<Operations> {
        let database = DatabaseCheck {
            tenants: Arc::clone(&self.stores.tenants),
            admin_sessions: Arc::clone(&self.stores.admin_sessions),
            platform: gate.system(),
            clock: Arc::clone(&self.clock),
        };
        let mut checks: Vec<Arc<dyn ReadinessCheck>> = vec![Arc::new(database)];
        // Where a test carries messages itself, there is no carrier to ask.
        if let (None, Some(account)) = (&self.messenger, settings.platform_accounts.first()) {
            let http = http_client(CARRIER_TIMEOUTS).context("TLS cannot be set up")?;
            checks.push(Arc::new(CarrierCheck { http, account: account.clone() }));
        }
        checks.extend(self.checks.iter().cloned());
        let lanes = Arc::new(Lanes::new(settings.operations.lanes, Arc::clone(metrics)));
        let page = MetricsPage {
            metrics: Arc::clone(metrics),
            jobs: Arc::clone(&self.stores.jobs),
            platform: gate.system(),
            clock: Arc::clone(&self.clock),
            lanes: Arc::clone(&lanes),
            pools: Arc::clone(&self.stores.pools),
            provider_calls: Arc::clone(&self.provider_calls),
            redis: self.limits.redis.clone(),
        };
        Ok(Operations {
            readiness: Arc::new(Readiness::new(checks)),
            metrics: Arc::new(page),
            lanes,
            installation: settings.operations.installation.clone(),
        })
    }
}

/// The database answers a question that costs nearly nothing, and does not refuse to write, as one does that has become a
/// replica of another.
struct DatabaseCheck {
    tenants: Arc<dyn TenantStore>,
    admin_sessions: Arc<dyn AdminSessionStore>,
    platform: PlatformScope,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl ReadinessCheck for DatabaseCheck {
    fn name(&self) -> &'static str {
        "database"
    }

    fn need(&self) -> Need {
        Need::Required
    }

    async fn check(&self) -> Result<(), Unready> {
        // Nobody has this id, and nobody has asked for it before: no cache answers for the database.
        let nobody = Uuid::new_v4();
        let found = self.tenants.find(&self.platform, TenantId::new(nobody)).await;
        found.map_err(|error| Unready::because("does not answer", error))?;
        // Nor has anybody such a session: there is nothing to end, and yet a database that only reads refuses it.
        let session = SecretDigest::of(&nobody.to_string());
        let ended = self.admin_sessions.end(&self.platform, &session, self.clock.now()).await;
        ended.map_err(|error| Unready::because("takes no writes", error))
    }
}

/// The carrier shows the account by which the platform sends. That costs nothing.
struct CarrierCheck {
    http: reqwest::Client,
    account: PlatformAccount,
}

#[async_trait]
impl ReadinessCheck for CarrierCheck {
    fn name(&self) -> &'static str {
        "carrier"
    }

    fn need(&self) -> Need {
        Need::Optional
    }

    async fn check(&self) -> Result<(), Unready> {
        let answer = ask_for_account(&self.http, &self.account).await;
        let detail = match answer.map_err(|error| Unready::because("cannot be reached", error))?.standing {
            AccountStanding::Active => return Ok(()),
            AccountStanding::WrongToken => "refuses the account's token",
            AccountStanding::Suspended => "has suspended the account",
            AccountStanding::Closed => "has closed the account",
            AccountStanding::Unknown => "does not know the account",
            AccountStanding::Unclear(_) => "does not say how the account stands",
        };
        Err(Unready { detail, source: None })
    }
}
