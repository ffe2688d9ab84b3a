//! Addresses that tenants have, of which every incoming message asks whether its sender's is one.
//!
//! Almost none is, and almost each is another, so the answers are not worth keeping one by one. All digests together are
//! read once a second at most: 32 bytes for each number of the installation.

use std::{
    collections::HashSet,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use diesel::QueryDsl as _;
use kernel::StoreError;
use tenancy::{BlindIndex, Channel, PlatformScope};
use tokio::{sync::Mutex, time::Instant};

use crate::{
    db::Database,
    errors::{corrupt, store_error},
    schema::channel_bindings,
    types::load_all,
};

/// How long what was read holds: so long another process's new number may go unnoticed.
const HOLDS: Duration = Duration::from_secs(1);

/// Addresses that tenants have, as far as is known.
#[derive(Default)]
pub(crate) struct Addresses {
    known: RwLock<Option<Arc<Known>>>,
    /// Counts changes. What was read before one is not kept.
    changes: AtomicU64,
    /// Held by the one who reads, while the others wait for what it brings.
    reading: Mutex<()>,
}

struct Known {
    digests: HashSet<(Channel, [u8; 32])>,
    read_at: Instant,
}

impl Known {
    fn has(&self, channel: Channel, index: &BlindIndex) -> bool {
        self.digests.contains(&(channel, index.0))
    }
}

impl Addresses {
    /// Forgets what is known: this process has changed it.
    pub(crate) fn forget(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn count_of_changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    fn known(&self) -> Option<Arc<Known>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|known| known.read_at.elapsed() < HOLDS).map(Arc::clone)
    }

    fn keep(&self, known: &Arc<Known>, changes: u64) {
        let mut kept = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: whoever forgets counts first, so it either empties this or is seen here.
        if self.count_of_changes() == changes {
            *kept = Some(Arc::clone(known));
        }
    }
}

impl Database {
    /// Tells whether any tenant has an address, or had one a second ago.
    pub(crate) async fn has_address(
        &self,
        platform: &PlatformScope,
        channel: Channel,
        index: &BlindIndex,
    ) -> Result<bool, StoreError> {
        if let Some(known) = self.addresses.known() {
            return Ok(known.has(channel, index));
        }
        let _reading = self.addresses.reading.lock().await;
        if let Some(known) = self.addresses.known() {
            return Ok(known.has(channel, index));
        }
        let changes = self.addresses.count_of_changes();
        let read_at = Instant::now();
        let mut conn = self.read_platform(platform).await?;
        let digests =
            channel_bindings::table.select((channel_bindings::channel, channel_bindings::address_index));
        let digests = load_all::<(String, Vec<u8>), _>(digests, &mut conn).await.map_err(store_error)?;
        let digests = digests.into_iter().map(read_digest).collect::<Result<_, _>>()?;
        let known = Arc::new(Known { digests, read_at });
        self.addresses.keep(&known, changes);
        Ok(known.has(channel, index))
    }
}

fn read_digest((channel, digest): (String, Vec<u8>)) -> Result<(Channel, [u8; 32]), StoreError> {
    let channel = Channel::from_name(&channel).ok_or_else(|| corrupt("channel"))?;
    Ok((channel, digest.try_into().map_err(|_| corrupt("address index"))?))
}
