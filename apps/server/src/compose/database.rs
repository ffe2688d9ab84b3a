//! Which database keeps everything, how it is opened, and how it is brought to the newest schema.

use std::sync::Arc;

use anyhow::Context as _;
use conversation::{ContactStore, ConversationStore, DeliveryLedger, JobQueue, Reactions, Summaries};
use lead::LeadStore;
use limits::IdempotencyStore;
use prompt::{AiProfileStore, ExampleStore, PromptStore};
use tenancy::{
    AdminSessionStore, AuditLog, ChannelStore, CredentialStore, EventLog, FlagStore, GateStores,
    Invalidations, MemberStore, PlatformScope, ProviderAccountStore, RotateKeys, SecretText, TenantStore,
    Vault, WrappedKeyStore,
};
use usage::UsageStore;
use vault::{EnvelopeVault, KeyRing};

use crate::{
    config::{Config, Database, PoolsConfig},
    metrics::{PoolFigures, Pools},
    system::OsEntropy,
};

/// Every store port, all on one database. Tests swap single ones.
#[derive(Clone)]
pub struct StorePorts {
    /// Tenants and profiles.
    pub tenants: Arc<dyn TenantStore>,
    /// API keys and widget tokens.
    pub credentials: Arc<dyn CredentialStore>,
    /// Channel bindings.
    pub channels: Arc<dyn ChannelStore>,
    /// Carriers' credentials.
    pub accounts: Arc<dyn ProviderAccountStore>,
    /// Members and their sessions.
    pub members: Arc<dyn MemberStore>,
    /// The operator's sessions.
    pub admin_sessions: Arc<dyn AdminSessionStore>,
    /// Feature flags.
    pub flags: Arc<dyn FlagStore>,
    /// Who changed what.
    pub audit: Arc<dyn AuditLog>,
    /// What has happened.
    pub events: Arc<dyn EventLog>,
    /// Conversations.
    pub conversations: Arc<dyn ConversationStore>,
    /// Contacts and consent.
    pub contacts: Arc<dyn ContactStore>,
    /// Jobs.
    pub jobs: Arc<dyn JobQueue>,
    /// What leaves.
    pub ledger: Arc<dyn DeliveryLedger>,
    /// Leads.
    pub leads: Arc<dyn LeadStore>,
    /// Versions of prompts.
    pub prompts: Arc<dyn PromptStore>,
    /// AI profiles.
    pub ai_profiles: Arc<dyn AiProfileStore>,
    /// Examples of what the receptionist should answer.
    pub examples: Arc<dyn ExampleStore>,
    /// What was used, and tenants' own limits.
    pub usage: Arc<dyn UsageStore>,
    /// What waits for reactions.
    pub reactions: Arc<dyn Reactions>,
    /// Running summaries.
    pub summaries: Arc<dyn Summaries>,
    /// The tenants' keys, wrapped.
    pub wrapped_keys: Arc<dyn WrappedKeyStore>,
    /// Requests with an idempotency key.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// What sees in the database itself that another process has changed something; `None` where nothing does.
    pub changes: Option<Arc<dyn Invalidations>>,
    /// How much of the database's connections is in use.
    pub pools: Pools,
    /// What no other database is called.
    pub name: String,
}

impl StorePorts {
    /// Returns those in which credentials are looked up.
    pub fn gate_stores(&self) -> GateStores {
        GateStores {
            tenants: Arc::clone(&self.tenants),
            credentials: Arc::clone(&self.credentials),
            channels: Arc::clone(&self.channels),
            members: Arc::clone(&self.members),
            admin_sessions: Arc::clone(&self.admin_sessions),
        }
    }

    /// Takes one database's stores for every port.
    pub fn all<S>(stores: &S) -> Self
    where
        S: TenantStore
            + CredentialStore
            + ChannelStore
            + ProviderAccountStore
            + MemberStore
            + AdminSessionStore
            + FlagStore
            + AuditLog
            + EventLog
            + ConversationStore
            + ContactStore
            + JobQueue
            + DeliveryLedger
            + Reactions
            + Summaries
            + LeadStore
            + PromptStore
            + AiProfileStore
            + ExampleStore
            + UsageStore
            + WrappedKeyStore
            + IdempotencyStore
            + Clone
            + 'static,
    {
        Self {
            tenants: Arc::new(stores.clone()),
            credentials: Arc::new(stores.clone()),
            channels: Arc::new(stores.clone()),
            accounts: Arc::new(stores.clone()),
            members: Arc::new(stores.clone()),
            admin_sessions: Arc::new(stores.clone()),
            flags: Arc::new(stores.clone()),
            audit: Arc::new(stores.clone()),
            events: Arc::new(stores.clone()),
            conversations: Arc::new(stores.clone()),
            contacts: Arc::new(stores.clone()),
            jobs: Arc::new(stores.clone()),
            ledger: Arc::new(stores.clone()),
            leads: Arc::new(stores.clone()),
            prompts: Arc::new(stores.clone()),
            ai_profiles: Arc::new(stores.clone()),
            examples: Arc::new(stores.clone()),
            usage: Arc::new(stores.clone()),
            reactions: Arc::new(stores.clone()),
            summaries: Arc::new(stores.clone()),
            wrapped_keys: Arc::new(stores.clone()),
            idempotency: Arc::new(stores.clone()),
            changes: None,
            pools: Arc::new(Vec::new),
            name: String::new(),
        }
    }
}

/// Opens the configured database. Where no real customers are at stake, it is migrated first.
///
/// # Errors
/// When it does not open, or lacks a migration.
pub(super) async fn open(config: &Config, vault: Arc<dyn Vault>) -> anyhow::Result<StorePorts> {
    let opened = match &config.database {
        Database::Sqlite(path) => on_sqlite(sqlite::Stores::open(path, vault)?),
        Database::Memory => on_sqlite(sqlite::Stores::temporary(vault)?),
        Database::Postgres(url) => {
            if !config.environment.is_deployed() {
                migrate(config).await?;
            }
            let connection = connection(url.expose())?;
            let stores = postgres::Stores::open(connection, pools(config.pools), vault).await;
            on_postgres(stores.context("the database does not open")?)
        }
    };
    Ok(opened)
}

fn pools(config: PoolsConfig) -> postgres::PoolSettings {
    let defaults = postgres::PoolSettings::default();
    postgres::PoolSettings {
        webhooks: config.webhooks.unwrap_or(defaults.webhooks),
        chat: config.chat.unwrap_or(defaults.chat),
        api: config.api.unwrap_or(defaults.api),
        worker: config.worker.unwrap_or(defaults.worker),
        ..defaults
    }
}

fn on_sqlite(stores: sqlite::Stores) -> StorePorts {
    let changes = Some(stores.watch_changes());
    let ports = StorePorts { name: stores.name(), changes, ..StorePorts::all(&stores) };
    let figures = move || {
        let readers = stores.reader_figures();
        vec![PoolFigures {
            name: "readers",
            in_use: readers.size.saturating_sub(readers.available),
            free: readers.available,
            waiting: readers.waiting,
        }]
    };
    StorePorts { pools: Arc::new(figures), ..ports }
}

fn on_postgres(stores: postgres::Stores) -> StorePorts {
    let ports = StorePorts { name: stores.name(), ..StorePorts::all(&stores) };
    let figures = move || {
        let pools = stores.pool_figures().into_iter().map(|pool| PoolFigures {
            name: pool.name,
            in_use: pool.size.saturating_sub(pool.available),
            free: pool.available,
            waiting: pool.waiting,
        });
        pools.collect()
    };
    StorePorts { pools: Arc::new(figures), ..ports }
}

/// The right to look at the wrapped keys and to wrap them anew.
pub struct KeyAccess {
    /// Does it.
    pub keys: RotateKeys,
    /// The right.
    pub platform: PlatformScope,
}

impl KeyAccess {
    /// Takes the wrapped keys of opened stores, and a vault that opens them.
    pub(super) fn of(stores: &StorePorts, vault: Arc<EnvelopeVault>) -> Self {
        let gate = stores.closed_gate();
        Self { keys: RotateKeys::new(Arc::clone(&stores.wrapped_keys), vault), platform: gate.system() }
    }
}

/// Opens the wrapped keys of the configured database, which must have had every migration.
///
/// # Errors
/// When the database does not open, lacks a migration, or does not open with these key-encryption keys.
pub async fn key_access(config: &Config, keys: &SecretText) -> anyhow::Result<KeyAccess> {
    anyhow::ensure!(config.database != Database::Memory, "nothing is kept: DATABASE_URL is memory:");
    let pending = migration_status(config).await?.pending;
    anyhow::ensure!(pending.is_empty(), "the database is behind: run `cheetah migrate` first");
    let ring = KeyRing::parse(keys.expose()).context("PII_ENCRYPTION_KEY cannot be used")?;
    let vault = Arc::new(EnvelopeVault::new(ring, Arc::new(OsEntropy)));
    let stores = open(config, Arc::<EnvelopeVault>::clone(&vault)).await?;
    Ok(KeyAccess::of(&stores, vault))
}

/// Which migrations the configured database has had, and which it lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Names of those that it has had.
    pub applied: Vec<String>,
    /// Names of those that it lacks.
    pub pending: Vec<String>,
    /// Versions that it has had and this program does not know.
    pub unknown: Vec<String>,
}

/// Returns which migrations the configured database has had, and changes nothing.
///
/// # Errors
/// When the database does not open.
pub async fn migration_status(config: &Config) -> anyhow::Result<MigrationStatus> {
    match &config.database {
        Database::Sqlite(path) => {
            let status = sqlite::migration_status(path).context("the database cannot be read")?;
            Ok(MigrationStatus { applied: status.applied, pending: status.pending, unknown: status.unknown })
        }
        Database::Memory => Ok(MigrationStatus::default()),
        Database::Postgres(_) => {
            let status = migrator(config)?.status().await.context("the database cannot be read")?;
            Ok(MigrationStatus { applied: status.applied, pending: status.pending, unknown: status.unknown })
        }
    }
}

/// Brings the configured database to the newest schema and returns the names of what was run.
///
/// # Errors
/// When the database does not open or a migration fails.
pub async fn migrate(config: &Config) -> anyhow::Result<Vec<String>> {
    match &config.database {
        Database::Sqlite(path) => sqlite::migrate(path).context("the database cannot be migrated"),
        Database::Memory => Ok(Vec::new()),
        Database::Postgres(_) => migrator(config)?.run().await.context("the database cannot be migrated"),
    }
}

/// Migrates as the owner of the tables, where the configuration names one besides the login that serves.
fn migrator(config: &Config) -> anyhow::Result<postgres::Migrator> {
    let ((Some(owner), _) | (None, Database::Postgres(owner))) =
        (&config.migration_database_url, &config.database)
    else {
        anyhow::bail!("DATABASE_URL names no Postgres database")
    };
    Ok(postgres::Migrator::new(connection(owner.expose())?))
}

pub(super) fn connection(url: &str) -> anyhow::Result<postgres::Connection> {
    url.parse().context("DATABASE_URL cannot be used")
}
