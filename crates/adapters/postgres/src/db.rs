//! The database behind the stores, and the transactions in which rows are seen at all.

use std::{
    marker::PhantomData,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use deadpool::managed::Object;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use kernel::{BoxError, StoreError};
use tenancy::{PlatformScope, TenantScope, Vault, WrappedKey};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
    time::timeout,
};

use crate::{
    ConnectError, Connection, MigrateError,
    addresses::Addresses,
    arrivals::Arrivals,
    connect::Connector,
    errors::store_error,
    event_log,
    keys::{Keys, PLATFORM},
    listen::Notifier,
    migrate,
    patient::BEGIN_WITHIN,
    pools::{PoolFigures, PoolSettings, Pools},
    privileges,
    schema::vault_keys,
    senders::Senders,
    types::{Conn, Id},
};

/// How long ending a transaction may take: the disk is waited for.
const END_WITHIN: Duration = Duration::from_secs(10);

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
    #[error(
        "the role {role} must neither be superuser, bypass row-level security, nor own tables, nor be a member of a role \
         that does"
    )]
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
    /// A function works for whoever may call it with the rights of its owner.
    #[error(
        "the function {function} is SECURITY DEFINER: revoke EXECUTE on it from PUBLIC, cheetah_app and cheetah_platform, \
         or make it SECURITY INVOKER"
    )]
    OpenFunction {
        /// The function, with its parameters.
        function: String,
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
    pools: Pools,
    /// Keys of tenants, unlocked.
    pub(crate) keys: Keys,
    /// Who has written lately, with their keys.
    pub(crate) senders: Senders,
    /// Addresses that tenants have.
    pub(crate) addresses: Addresses,
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
        let pools = Pools::new(&connection, &settings)?;
        let [mut app, mut platform] = Box::pin(pools.first_of_each()).await?;
        for (role, link) in [&mut app, &mut platform] {
            privileges::check(role, &mut link.conn).await?;
        }
        let keys = load_keys(&mut platform.1.conn, vault).await?;
        let settled = event_log::settle(&mut platform.1.conn).await;
        settled.map_err(|error| OpenError::Unusable(error.into()))?;
        let work = watch::Sender::new(0);
        let notifier = Notifier::start(connection, &work);
        Ok(Arc::new(Self {
            pools,
            keys,
            senders: Senders::default(),
            addresses: Addresses::default(),
            work,
            notifier,
        }))
    }

    /// Tells waiting workers, of this process at once and of all others soon, that there may be work.
    pub(crate) fn signal_work(&self) {
        self.work.send_modify(|signals| *signals += 1);
        self.notifier.tell();
    }

    /// Asks for an answer.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        let mut link = self.pools.platform().await?;
        let answered = timeout(BEGIN_WITHIN, link.conn.batch_execute("SELECT 1")).await;
        answered.map_err(late)?.map_err(store_error)
    }

    /// Returns where inbound messages of the current kind of work wait to be stored.
    pub(crate) fn arrivals(&self) -> Arc<Arrivals> {
        self.pools.arrivals()
    }

    pub(crate) fn pool_figures(&self) -> Vec<PoolFigures> {
        self.pools.figures()
    }

    /// Begins a transaction that writes a tenant's rows. It is rolled back unless committed.
    pub(crate) async fn write(&self, scope: &TenantScope) -> Result<WriteTx<'_>, StoreError> {
        Ok(WriteTx { tx: self.begin_for(scope).await? })
    }

    /// Begins a transaction that writes the platform's rows. It is rolled back unless committed.
    pub(crate) async fn write_platform(&self, _platform: &PlatformScope) -> Result<WriteTx<'_>, StoreError> {
        Ok(WriteTx { tx: begin(self.pools.platform().await?, "BEGIN".to_owned()).await })
    }

    /// Begins a transaction that reads a tenant's rows.
    pub(crate) async fn read(&self, scope: &TenantScope) -> Result<ReadTx<'_>, StoreError> {
        self.begin_for(scope).await
    }

    /// Takes a connection that reads the platform's rows, each statement for itself.
    pub(crate) async fn read_platform(&self, _platform: &PlatformScope) -> Result<ReadTx<'_>, StoreError> {
        Ok(Tx::on(self.pools.platform().await?).await)
    }

    /// Takes a connection on which one statement names the tenant itself, or each of several in turn.
    pub(crate) async fn single_statement(&self, _scope: &TenantScope) -> Result<ReadTx<'_>, StoreError> {
        Ok(Tx::on(self.pools.app().await?).await)
    }

    async fn begin_for(&self, scope: &TenantScope) -> Result<Tx<'_>, StoreError> {
        let named = format!("BEGIN; SET LOCAL app.tenant_id = '{}'", scope.tenant_id());
        Ok(begin(self.pools.app().await?, named).await)
    }
}

async fn begin<'a>(mut link: Object<Connector>, statement: String) -> Tx<'a> {
    // From here on whoever is cancelled gives back a link that is open, and it is ended or thrown away.
    link.is_open = true;
    link.conn.begin_with_next(statement);
    Tx::on(link).await
}

fn late(error: tokio::time::error::Elapsed) -> StoreError {
    StoreError::Unavailable(error.into())
}

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
        if self.link.conn.never_began() {
            self.link.is_open = false;
        }
        // Whoever was cancelled in the middle of a statement has not seen its answer. What was given up is thrown away.
        let is_to_be_ended = self.link.is_open || self.link.conn.is_unanswered();
        if !is_to_be_ended || self.link.conn.is_given_up() {
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
        if self.tx.never_began() {
            self.tx.link.is_open = false;
            return Ok(());
        }
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
