//! The database file: one connection that writes, a few that read, each in its own transaction.

use std::{
    marker::PhantomData,
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    sync::Arc,
};

use deadpool::unmanaged::{Object, Pool};
use diesel::{
    Connection as _, ExpressionMethods as _, QueryDsl as _, QueryableByName, RunQueryDsl as _,
    SqliteConnection, connection::SimpleConnection as _, sql_query, sql_types::Integer,
};
use kernel::{BoxError, StoreError};
use tenancy::{PlatformScope, TenantScope, Vault, WrappedKey};
use tokio::sync::{Mutex, watch};

use crate::{
    addresses::Addresses,
    checkpoint::Checkpointer,
    errors::store_error,
    keys::{Keys, PLATFORM},
    migrate::migrate,
    schema::vault_keys,
    types::{Conn, Id},
    writer::{Held, Writer},
};

/// `FULL`: a message that was acknowledged survives a power cut. Waits for a lock only because a second
/// process (`cheetah worker`) may write to the same file. The log is copied by [`Checkpointer`], by no commit.
const PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;";

/// Pages that the connection that writes keeps in memory: 16 MiB. Nobody else writes, so it keeps them from one transaction
/// to the next; connections that read forget theirs at every commit.
const WRITERS_CACHE: &str = "PRAGMA cache_size = -16000;";

/// Connections that read. Reads never wait for the writer, nor it for them.
const READERS: usize = 4;

/// Why the database did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder could not be made.
    #[error("the folder {path} cannot be made or used")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// SQLite did not open the file.
    #[error("the database file {path} cannot be opened")]
    File {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: BoxError,
    },
    /// Another process is migrating this database.
    #[error("another process is migrating this database; try again when it is done")]
    Busy,
    /// A migration failed; the database is as it was before it.
    #[error("a migration failed")]
    Migration(#[source] BoxError),
    /// The keys in the database do not open with the configured key-encryption keys.
    #[error(
        "the platform's key does not open; is PII_ENCRYPTION_KEY the one that this database was made with?"
    )]
    Keys(#[source] BoxError),
}

/// How much of the connections that read is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReaderFigures {
    /// Connections there are.
    pub size: usize,
    /// Connections that nobody uses.
    pub available: usize,
    /// Reads that wait for one.
    pub waiting: usize,
}

/// The database behind the stores.
pub(crate) struct Database {
    writer: Arc<Mutex<Writer>>,
    checkpointer: Checkpointer,
    readers: Pool<Conn>,
    /// Keys of tenants, unlocked.
    pub(crate) keys: Keys,
    /// Addresses that tenants have.
    pub(crate) addresses: Addresses,
    /// Counts the signals by which waiting workers of this process learn that there may be work.
    pub(crate) work: watch::Sender<u64>,
    _temporary: Option<tempfile::TempDir>,
}

impl Database {
    /// Opens a database file, making it and its folder if they are not there, and migrates it.
    ///
    /// Blocks: call it at start-up, before requests are served.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub(crate) fn open(path: &Path, vault: Arc<dyn Vault>) -> Result<Self, OpenError> {
        migrate(path)?;
        Self::connect(path, vault, None)
    }

    /// Opens a database that is gone when it is dropped.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub(crate) fn temporary(vault: Arc<dyn Vault>) -> Result<Self, OpenError> {
        let folder =
            tempfile::tempdir().map_err(|source| OpenError::Folder { path: std::env::temp_dir(), source })?;
        let path = folder.path().join("cheetah.db");
        migrate(&path)?;
        Self::connect(&path, vault, Some(folder))
    }

    fn connect(
        path: &Path,
        vault: Arc<dyn Vault>,
        temporary: Option<tempfile::TempDir>,
    ) -> Result<Self, OpenError> {
        let mut conn = establish(path)?;
        let refused =
            |error: diesel::result::Error| OpenError::File { path: path.to_owned(), source: error.into() };
        conn.batch_execute(WRITERS_CACHE).map_err(refused)?;
        let keys = load_keys(&mut conn, vault)?;
        let readers = (0..READERS).map(|_| establish(path).map(Conn::new)).collect::<Result<Vec<_>, _>>()?;
        let writer = Arc::new(Mutex::new(Writer::new(conn).map_err(refused)?));
        Ok(Self {
            checkpointer: Checkpointer::start(path, Arc::clone(&writer))?,
            writer,
            readers: Pool::from(readers),
            keys,
            addresses: Addresses,
            work: watch::Sender::new(0),
            _temporary: temporary,
        })
    }

    pub(crate) fn reader_figures(&self) -> ReaderFigures {
        let status = self.readers.status();
        ReaderFigures { size: status.size, available: status.available, waiting: status.waiting }
    }

    /// Tells waiting workers of this process that there may be work.
    pub(crate) fn signal_work(&self) {
        self.work.send_modify(|signals| *signals += 1);
    }

    /// Begins a transaction that writes a tenant's rows. It is rolled back unless committed.
    pub(crate) async fn write(&self, _scope: &TenantScope) -> Result<WriteTx<'_>, StoreError> {
        self.begin().await
    }

    /// Begins a transaction that writes the platform's rows. It is rolled back unless committed.
    pub(crate) async fn write_platform(&self, _platform: &PlatformScope) -> Result<WriteTx<'_>, StoreError> {
        self.begin().await
    }

    /// Takes a connection that reads a tenant's rows.
    pub(crate) async fn read(&self, _scope: &TenantScope) -> Result<ReadTx<'_>, StoreError> {
        self.reader().await
    }

    /// Takes a connection that reads the platform's rows.
    pub(crate) async fn read_platform(&self, _platform: &PlatformScope) -> Result<ReadTx<'_>, StoreError> {
        self.reader().await
    }

    /// Runs one closure in one transaction that writes; any error rolls it back.
    pub(crate) async fn in_transaction<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let mut tx = self.begin().await?;
        let outcome = tx.run(move |conn| Ok(work(conn))).await.map_err(store_error)??;
        tx.commit().await?;
        Ok(outcome)
    }

    async fn begin(&self) -> Result<WriteTx<'_>, StoreError> {
        Ok(WriteTx { held: Held::begin(&self.writer).await?, checkpointer: &self.checkpointer })
    }

    /// Returns a number that is another one whenever another process has committed since it was last asked.
    pub(crate) async fn others_commits(&self) -> Result<i32, StoreError> {
        let mut writer = self.writer.lock().await;
        let asked = writer.run(|conn| sql_query("PRAGMA data_version").get_result(conn));
        let DataVersion { data_version } = asked.await.map_err(store_error)?;
        Ok(data_version)
    }

    async fn reader(&self) -> Result<ReadTx<'_>, StoreError> {
        let conn = self.readers.get().await.map_err(|error| StoreError::Unavailable(error.into()))?;
        Ok(ReadTx { conn, _db: PhantomData })
    }
}

/// What SQLite says of others' commits.
#[derive(QueryableByName)]
struct DataVersion {
    #[diesel(sql_type = Integer)]
    data_version: i32,
}

/// Opens the tenants' keys, making the platform's own in a new database.
fn load_keys(conn: &mut SqliteConnection, vault: Arc<dyn Vault>) -> Result<Keys, OpenError> {
    let failed = |error: BoxError| OpenError::Keys(error);
    let minted = vault.mint_tenant_key(PLATFORM).map_err(|error| failed(error.into()))?;
    diesel::insert_or_ignore_into(vault_keys::table)
        .values((
            vault_keys::owner_id.eq(Id(PLATFORM.uuid())),
            vault_keys::kek_version.eq(minted.kek_version),
            vault_keys::wrapped.eq(&minted.bytes),
        ))
        .execute(conn)
        .map_err(|error| failed(error.into()))?;
    let (kek_version, bytes) = vault_keys::table
        .find(Id(PLATFORM.uuid()))
        .select((vault_keys::kek_version, vault_keys::wrapped))
        .first::<(i32, Vec<u8>)>(conn)
        .map_err(|error| failed(error.into()))?;
    Keys::open(vault, &WrappedKey { kek_version, bytes }).map_err(|error| failed(error.into()))
}

pub(crate) fn establish(path: &Path) -> Result<SqliteConnection, OpenError> {
    open(path, PRAGMAS)
}

/// Opens a database file, which must be there, only to look: what it is asked changes neither it nor how it is kept. It is not
/// opened read-only, because SQLite then leaves the files of its log behind, and perhaps with an owner who locks the server out.
pub(crate) fn look_into(path: &Path) -> Result<SqliteConnection, OpenError> {
    open(path, "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON;")
}

fn open(path: &Path, pragmas: &str) -> Result<SqliteConnection, OpenError> {
    let refused = |source: BoxError| OpenError::File { path: path.to_owned(), source };
    let url = path.to_str().ok_or_else(|| refused("the path is not UTF-8".into()))?;
    let mut conn = SqliteConnection::establish(url).map_err(|error| refused(error.into()))?;
    conn.batch_execute(pragmas).map_err(|error| refused(error.into()))?;
    Ok(conn)
}

/// A transaction that writes. It is rolled back unless committed.
pub(crate) struct WriteTx<'a> {
    held: Held,
    checkpointer: &'a Checkpointer,
}

impl WriteTx<'_> {
    /// Makes what was written durable. Whoever waits for the writer at the same time is committed together with it.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.held.commit().await?;
        self.checkpointer.committed(1);
        Ok(())
    }
}

impl Deref for WriteTx<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.held
    }
}

impl DerefMut for WriteTx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.held
    }
}

/// A connection that reads, given back when dropped.
pub(crate) struct ReadTx<'a> {
    conn: Object<Conn>,
    _db: PhantomData<&'a Database>,
}

impl Deref for ReadTx<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for ReadTx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}
