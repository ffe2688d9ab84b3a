//! What stands on the stage: databases, processes, carrier, model, and the tenants that customers write to.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use fake_carrier::{
    CustomerText, FakeCarrier, FakeCarrierConfig, RunningFakeCarrier, StatusCallbacks, build_webhook,
};
use harness::{
    ServerSpec,
    postgres::{Database, Durability, PostgresCluster},
    redis::RedisServer,
};
use model_fakes::FakeModelServer;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::{DatabaseKind, fate::Parts, heard::Heard, processes::Processes, suspensions::Suspensions};

const ACCOUNT: (&str, &str) = ("ACchaos", "chaos-token");
/// Businesses on the installation.
pub(crate) const TENANTS: usize = 4;
/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(20);
/// How long the operator asks again.
const ASKING: Duration = Duration::from_secs(120);
/// Short files of Postgres's log, so that there can be room for them and for nothing longer.
const LOG_FILE_MIB: u16 = 1;

/// Everything that takes part.
pub(crate) struct Stage {
    /// The servers and workers. Before what they use, since fields are dropped in this order.
    pub(crate) processes: Processes,
    pub(crate) carrier: RunningFakeCarrier,
    pub(crate) model: FakeModelServer,
    pub(crate) redis: Option<Mutex<RedisServer>>,
    pub(crate) postgres: Option<Mutex<PostgresCluster>>,
    pub(crate) database: Option<Database>,
    pub(crate) heard: Heard,
    pub(crate) suspensions: Suspensions,
    /// How many phones customers have so far.
    phones: AtomicUsize,
    tenant_ids: Vec<String>,
    http: reqwest::Client,
    signed_for: String,
    folder: TempDir,
}

impl Stage {
    /// Sets everything up.
    pub(crate) async fn open(program: &Path, kind: DatabaseKind, seed: u64) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("cheetah-chaos-").tempdir()?;
        // Another build may put another program in its place meanwhile.
        let own = folder.path().join("cheetah");
        std::fs::copy(program, &own).with_context(|| format!("no server at {}", program.display()))?;
        let carrier = FakeCarrier::new(FakeCarrierConfig {
            status_callbacks: StatusCallbacks::OutOfOrder,
            ..FakeCarrierConfig::new(ACCOUNT.0, ACCOUNT.1)
        })?;
        let carrier = carrier.start().await?;
        let model = FakeModelServer::start().await?;
        let (postgres, redis) = match kind {
            DatabaseKind::Sqlite => (None, None),
            DatabaseKind::Postgres => {
                let started = tokio::task::spawn_blocking(|| {
                    let postgres = PostgresCluster::with_log_files(Durability::On, LOG_FILE_MIB)?;
                    anyhow::Ok((postgres, RedisServer::start()?))
                });
                let (postgres, redis) = started.await??;
                (Some(postgres), Some(redis))
            }
        };
        let database = postgres.as_ref().map(|cluster| cluster.server().empty_database()).transpose()?;
        // What writes into a file beyond what it may gets an error instead of dying.
        let patient = folder.path().join("patient");
        std::fs::write(&patient, format!("#!/bin/sh\ntrap '' XFSZ\nexec '{}' \"$@\"\n", own.display()))?;
        std::fs::set_permissions(&patient, Permissions::from_mode(0o755))?;
        let mut spec = ServerSpec::serve(patient, folder.path())
            .with("RUST_LOG", "info")
            .with("TWILIO_ACCOUNT_SID", ACCOUNT.0)
            .with("TWILIO_AUTH_TOKEN", ACCOUNT.1)
            .with("TWILIO_API_BASE", carrier.base_url().as_str())
            .with("GEMINI_API_KEY", "key")
            .with("GEMINI_API_BASE", model.gemini_base().as_str())
            .with("MODEL_FIRST_TOKEN_TIMEOUT_MS", "1500")
            .with("MODEL_CONNECT_TIMEOUT_MS", "1000")
            .with("MODEL_TOTAL_TIMEOUT_MS", "3000")
            .with("DEBOUNCE_MS", "100")
            // Short, so that many leases of killed workers end while customers write.
            .with("FAILPOINT_LEASE_MS", "8000")
            .with("FAILPOINT_LOOK_UP_MS", "2000");
        if let Some(database) = &database {
            spec = spec.with("DATABASE_URL", database.url());
        }
        if let Some(redis) = &redis {
            spec = spec.with("REDIS_URL", redis.url());
        }
        let processes = Processes::start(spec, kind, seed).await?;
        let mut stage = Self {
            signed_for: processes.public_url().to_owned(),
            processes,
            carrier,
            model,
            redis: redis.map(Mutex::new),
            postgres: postgres.map(Mutex::new),
            database,
            heard: Heard::default(),
            suspensions: Suspensions::default(),
            phones: AtomicUsize::default(),
            tenant_ids: Vec::new(),
            http: reqwest::Client::builder().no_proxy().timeout(REQUEST).build()?,
            folder,
        };
        for tenant in 0..TENANTS {
            let id = stage.open_business(tenant).await?;
            stage.tenant_ids.push(id);
        }
        Ok(stage)
    }

    /// Returns the number of a business.
    pub(crate) fn number_of(tenant: usize) -> String {
        format!("+1555222{tenant:04}")
    }

    /// Returns the folder of the servers' files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns what the installation consists of.
    pub(crate) fn parts(&self) -> Parts {
        Parts { has_postgres: self.postgres.is_some(), has_redis: self.redis.is_some() }
    }

    /// Returns the number of a phone that nobody had before.
    pub(crate) fn new_phone(&self) -> usize {
        self.phones.fetch_add(1, Ordering::Relaxed)
    }

    /// Posts a customer's text to one of the servers, and returns the status of the answer, if there is one.
    pub(crate) async fn post(
        &self,
        place: usize,
        (tenant, from): (usize, &str),
        body: &str,
        sid: &str,
    ) -> Option<u16> {
        let url = format!("{}/webhooks/twilio/sms", self.signed_for);
        let text = CustomerText::new(from, Self::number_of(tenant), body);
        let webhook = build_webhook(ACCOUNT, &url, &text, sid, None);
        let address = format!("{}/webhooks/twilio/sms", self.processes.address_of(place));
        let request = self.http.post(address).body(webhook.body);
        let request =
            webhook.headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        request.send().await.ok().map(|answer| answer.status().as_u16())
    }

    /// Suspends the last business for so long.
    pub(crate) async fn suspend(&self, how_long: Duration) -> anyhow::Result<()> {
        let tenant = TENANTS - 1;
        let from = Instant::now();
        self.set_status(tenant, "suspended").await?;
        self.suspensions.began(tenant, from);
        tokio::time::sleep(how_long).await;
        let ends = Instant::now();
        self.set_status(tenant, "active").await?;
        self.suspensions.ended(ends);
        Ok(())
    }

    /// Asks any server, again and again: they come and go.
    async fn set_status(&self, tenant: usize, status: &str) -> anyhow::Result<()> {
        let path = format!("/api/v1/tenants/{}", self.tenant_ids.get(tenant).context("no such business")?);
        let until = Instant::now() + ASKING;
        for server in 0.. {
            match self.admin(server, "PATCH", &path, &json!({ "status": status })).await {
                Ok(_) => break,
                Err(error) if Instant::now() > until => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
        Ok(())
    }

    /// Makes a business that may answer without end, and returns its id.
    async fn open_business(&self, number: usize) -> anyhow::Result<String> {
        let named = json!({"name": format!("Business {number}")});
        let tenant = self.admin(0, "POST", "/api/v1/tenants", &named).await?;
        let id = tenant.get("id").and_then(Value::as_str).context("no id")?;
        let path = format!("/api/v1/tenants/{id}");
        let channel = json!({"channel": "sms", "provider": "twilio", "address": Self::number_of(number)});
        self.admin(0, "POST", &format!("{path}/channels"), &channel).await?;
        let limits =
            json!({"turns_per_month": 100_000_000, "model_budget_micros_per_day": 1_000_000_000_000_u64});
        self.admin(0, "PUT", &format!("{path}/limits"), &limits).await?;
        Ok(id.to_owned())
    }

    async fn admin(&self, server: usize, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let key = std::fs::read_to_string(self.folder().join("keys/admin-api-key"))?;
        let url = format!("{}{path}", self.processes.address_of(server));
        let request =
            self.http.request(method.parse()?, url).header("X-Admin-API-Key", key.trim()).json(body);
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{method} {path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}

/// Reads on what the carrier has brought, as long as it is wanted.
pub(crate) async fn listen(stage: Arc<Stage>) {
    loop {
        stage.heard.take_in(&stage.carrier.carrier().messages());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
