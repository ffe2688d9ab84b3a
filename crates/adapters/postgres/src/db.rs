//! Two pools of connections, and the transactions in which rows are seen at all.

use std::{
    marker::PhantomData,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use deadpool::{
    Runtime,
    managed::{Object, Pool, PoolError, Timeouts},
};
use diesel::{
    ExpressionMethods as _, QueryDsl as _,
    dsl::sql,
    sql_types::{Bool, Nullable, Text},
};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use kernel::{BoxError, StoreError};
use tenancy::{PlatformScope, TenantScope, Vault, WrappedKey};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
    time::timeout,
};

use crate::{
    ConnectError, Connection, MigrateError,
    connect::{APP_ROLE, Connector, Link, PLATFORM_ROLE},
    errors::store_error,
    keys::{Keys, PLATFORM},
    listen::Notifier,
    migrate,
    schema::vault_keys,
    senders::Senders,
    types::{Conn, Id},
};

/// How long beginning a transaction may take, once there is a connection.
const BEGIN_WITHIN: Duration = Duration::from_secs(3);
/// How long ending a transaction may take: the disk is waited for.
const END_WITHIN: Duration = Duration::from_secs(10);

/// How many connections there may be, and how long one waits for them.
#[derive(Clone, Copy, Debug)]
pub struct PoolSettings {
    /// Connections that work for tenants.
    pub app: usize,
    /// Connections that work for the platform: finding credentials, claiming jobs.
    pub platform: usize,
    /// How long a request waits for a free connection.
    pub wait: Duration,
    /// How long the server works on one statement at most, and leaves a transaction idle.
    pub statement: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self { app: 16, platform: 6, wait: Duration::from_secs(3), statement: Duration::from_secs(15) }
    }
}

/// How much of a pool is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFigures {
    /// Which pool: `app` or `platform`.
    pub name: &'static str,
    /// Connections there are.
    pub size: usize,
    /// Connections that nobody uses.
    pub available: usize,
    /// Requests that wait for one.
    pub waiting: usize,
}

/// Why the database did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The schema is not the one that this program knows.
    #[error(transparent)]
    Schema(#[from] MigrateError),
    /// The role could see more than its tenant's rows.
    #[error("the role {role} must neither be superuser, bypass row-level security, nor own tables")]
    Privileged {
        /// The role.
        role: &'static str,
    },
    /// A view shows rows of tables to a role past their row-level security.
    #[error(
        "the view {view} shows tenants' rows past row-level security: revoke it from cheetah_app and cheetah_platform, or \
         set its security_invoker"
    )]
    OpenView {
        /// The view.
        view: String,
    },
    /// The database did not do what it was asked.
    #[error("the database cannot be used")]
    Unusable(#[source] BoxError),
    /// The keys in the database do not open with the configured key-encryption keys.
    #[error(
        "the platform's key does not open; is PII_ENCRYPTION_KEY the one that this database was made with?"
    )]
    Keys(#[source] BoxError),
}

/// The database behind the stores.
pub(crate) struct Database {
    app: Pool<Connector>,
    platform: Pool<Connector>,
    /// Keys of tenants, unlocked.
    pub(crate) keys: Keys,
    /// Who has written lately, with their keys.
    pub(crate) senders: Senders,
    /// Counts the signals by which waiting workers learn that there may be work.
    pub(crate) work: watch::Sender<u64>,
    notifier: Notifier,
}

impl Database {
    /// Connects, checks the schema and the roles, and listens for work.
    pub(crate) async fn open(
        connection: Connection,
        settings: PoolSettings,
        vault: Arc<dyn Vault>,
    ) -> Result<Arc<Self>, OpenError> {
        migrate::check(&connection).await?;
        let app = pool(&connection, APP_ROLE, settings.app, &settings)?;
        let platform = pool(&connection, PLATFORM_ROLE, settings.platform, &settings)?;
        for (role, pool) in [(APP_ROLE, &app), (PLATFORM_ROLE, &platform)] {
            check_role(role, &mut *first_link(pool).await?).await?;
        }
        let keys = load_keys(&mut first_link(&platform).await?.conn, vault).await?;
        let work = watch::Sender::new(0);
        let notifier = Notifier::start(connection, &work);
        Ok(Arc::new(Self { app, platform, keys, senders: Senders::default(), work, notifier }))
    }

    /// Tells waiting workers, of this process at once and of all others soon, that there may be work.
    pub(crate) fn signal_work(&self) {
        self.work.send_modify(|signals| *signals += 1);
        self.notifier.tell();
    }

    /// Asks for an answer.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        let mut link = take(&self.platform).await?;
        let answered = timeout(BEGIN_WITHIN, link.conn.batch_execute("SELECT 1")).await;
        answered.map_err(late)?.map_err(store_error)
    }

    pub(crate) fn pool_figures(&self) -> [PoolFigures; 2] {
        [("app", &self.app), ("platform", &self.platform)].map(|(name, pool)| {
            let status = pool.status();
            PoolFigures { name, size: status.size, available: status.available, waiting: status.waiting }
        })
    }

    /// Begins a transaction that writes a tenant's rows. It is rolled back unless committed.
    pub(crate) async fn write(&self, scope: &TenantScope) -> Result<WriteTx<'_>, StoreError> {
        Ok(WriteTx { tx: self.begin_for(scope).await? })
    }

    /// Begins a transaction that writes the platform's rows. It is rolled back unless committed.
    pub(crate) async fn write_platform(&self, _platform: &PlatformScope) -> Result<WriteTx<'_>, StoreError> {
        Ok(WriteTx { tx: begin(take(&self.platform).await?, "BEGIN").await? })
    }

    /// Begins a transaction that reads a tenant's rows.
    pub(crate) async fn read(&self, scope: &TenantScope) -> Result<ReadTx<'_>, StoreError> {
        self.begin_for(scope).await
    }

    /// Takes a connection that reads the platform's rows, each statement for itself.
    pub(crate) async fn read_platform(&self, _platform: &PlatformScope) -> Result<ReadTx<'_>, StoreError> {
        Ok(Tx::on(take(&self.platform).await?).await)
    }

    /// Takes a connection on which one statement names the tenant itself.
    pub(crate) async fn single_statement(&self, _scope: &TenantScope) -> Result<ReadTx<'_>, StoreError> {
        Ok(Tx::on(take(&self.app).await?).await)
    }

    async fn begin_for(&self, scope: &TenantScope) -> Result<Tx<'_>, StoreError> {
        let named = format!("BEGIN; SET LOCAL app.tenant_id = '{}'", scope.tenant_id());
        begin(take(&self.app).await?, &named).await
    }
}

fn pool(
    connection: &Connection,
    role: &'static str,
    size: usize,
    settings: &PoolSettings,
) -> Result<Pool<Connector>, OpenError> {
    let manager = Connector { connection: connection.clone(), role, statement_timeout: settings.statement };
    let wait = Some(settings.wait);
    // Making a connection has a time-out of its own.
    let timeouts = Timeouts { wait, create: None, recycle: wait };
    Pool::builder(manager)
        .max_size(size)
        .timeouts(timeouts)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| OpenError::Unusable(error.into()))
}

async fn first_link(pool: &Pool<Connector>) -> Result<Object<Connector>, OpenError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) => OpenError::Connect(error),
        other => OpenError::Unusable(other.into()),
    })
}

async fn take(pool: &Pool<Connector>) -> Result<Object<Connector>, StoreError> {
    pool.get().await.map_err(|error| StoreError::Unavailable(error.into()))
}

async fn begin<'a>(mut link: Object<Connector>, statement: &str) -> Result<Tx<'a>, StoreError> {
    // From here on whoever is cancelled gives back a link that is open, and it is ended or thrown away.
    link.is_open = true;
    let mut tx = Tx::on(link).await;
    let begun = timeout(BEGIN_WITHIN, tx.batch_execute(statement)).await;
    begun.map_err(late)?.map_err(store_error)?;
    Ok(tx)
}

fn late(error: tokio::time::error::Elapsed) -> StoreError {
    StoreError::Unavailable(error.into())
}

/// Makes sure that a role is held to row-level security, and that no view leads around it.
async fn check_role(role: &'static str, link: &mut Link) -> Result<(), OpenError> {
    let unusable = |error: diesel::result::Error| OpenError::Unusable(error.into());
    let is_free = diesel::select(sql::<Bool>(IS_PRIVILEGED)).get_result::<bool>(&mut link.conn).await;
    if is_free.map_err(unusable)? {
        return Err(OpenError::Privileged { role });
    }
    let view = diesel::select(sql::<Nullable<Text>>(AN_OPEN_VIEW)).get_result(&mut link.conn).await;
    match view.map_err(unusable)? {
        Some(view) => Err(OpenError::OpenView { view }),
        None => Ok(()),
    }
}

const IS_PRIVILEGED: &str = "EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)) \
     OR EXISTS (SELECT FROM pg_class WHERE relowner = current_user::regrole AND relkind IN ('r', 'p', 'v', 'm'))";

const AN_OPEN_VIEW: &str = "(SELECT v.relname::text FROM pg_class v \
     JOIN pg_rewrite w ON w.ev_class = v.oid \
     JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass \
     JOIN pg_class t ON t.oid = d.refobjid AND t.relrowsecurity \
     WHERE v.relkind IN ('v', 'm') AND has_table_privilege(v.oid, 'SELECT') AND NOT EXISTS ( \
         SELECT FROM pg_options_to_table(v.reloptions) o \
         WHERE o.option_name = 'security_invoker' AND o.option_value::boolean) LIMIT 1)";

/// Opens the tenants' keys, making the platform's own in a new database.
async fn load_keys(conn: &mut Conn, vault: Arc<dyn Vault>) -> Result<Keys, OpenError> {
    let unusable = |error: diesel::result::Error| OpenError::Unusable(error.into());
    let minted = vault.mint_tenant_key(PLATFORM).map_err(|error| OpenError::Keys(error.into()))?;
    diesel::insert_into(vault_keys::table)
        .values((
            vault_keys::owner_id.eq(Id(PLATFORM.uuid())),
            vault_keys::kek_version.eq(minted.kek_version),
            vault_keys::wrapped.eq(&minted.bytes),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await
        .map_err(unusable)?;
    let (kek_version, bytes) = vault_keys::table
        .find(Id(PLATFORM.uuid()))
        .select((vault_keys::kek_version, vault_keys::wrapped))
        .first::<(i32, Vec<u8>)>(conn)
        .await
        .map_err(unusable)?;
    Keys::open(vault, &WrappedKey { kek_version, bytes }).map_err(|error| OpenError::Keys(error.into()))
}

/// A connection on which a transaction may be open. When it goes, the transaction is ended before anybody else gets
/// the connection, whether its owner returned, failed, panicked or was cancelled.
pub(crate) struct Tx<'a> {
    link: OwnedMutexGuard<Object<Connector>>,
    _db: PhantomData<&'a Database>,
}

impl Tx<'_> {
    async fn on(link: Object<Connector>) -> Self {
        Self { link: Arc::new(Mutex::new(link)).lock_owned().await, _db: PhantomData }
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if !self.link.is_open {
            return;
        }
        // Without a runtime the link goes back open, and the pool throws it away.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let link = Arc::clone(OwnedMutexGuard::mutex(&self.link));
        runtime.spawn(async move {
            let mut link = link.lock().await;
            if let Ok(Ok(())) = timeout(END_WITHIN, link.conn.batch_execute("ROLLBACK")).await {
                link.is_open = false;
            }
        });
    }
}

impl Deref for Tx<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.link.conn
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.link.conn
    }
}

/// A transaction that reads, or a connection whose statements stand each for itself.
pub(crate) type ReadTx<'a> = Tx<'a>;

/// A transaction that writes. It is rolled back unless committed.
pub(crate) struct WriteTx<'a> {
    tx: Tx<'a>,
}

impl WriteTx<'_> {
    /// Makes what was written durable.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        // Without an answer nobody knows whether it is durable; whoever asks again finds out.
        timeout(END_WITHIN, self.tx.batch_execute("COMMIT")).await.map_err(late)?.map_err(store_error)?;
        self.tx.link.is_open = false;
        Ok(())
    }
}

impl Deref for WriteTx<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.tx
    }
}

impl DerefMut for WriteTx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.tx
    }
}
