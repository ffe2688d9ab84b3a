//! Who has written lately, with their keys: so that a message can be sealed before the database is asked who sent it.
//!
//! It is a guess that the database checks. A key that was destroyed meanwhile is never used again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{ContactId, TenantId};
use tenancy::{BlindIndex, ContactVault, WrappedKey};

/// So many senders are remembered; one is some 200 bytes.
const MOST_REMEMBERED: usize = 20_000;

/// A contact as its messages need it.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) id: ContactId,
    pub(crate) key: WrappedKey,
    pub(crate) vault: Arc<dyn ContactVault>,
}

/// Who has written lately.
#[derive(Default)]
pub(crate) struct Senders {
    by_address: Mutex<HashMap<(TenantId, [u8; 32]), Sender>>,
}

impl Senders {
    /// Returns whom an address was last seen to belong to.
    pub(crate) fn find(&self, tenant: TenantId, index: &BlindIndex) -> Option<Sender> {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner).get(&(tenant, index.0)).cloned()
    }

    /// Remembers whom an address belongs to.
    pub(crate) fn remember(&self, tenant: TenantId, index: &BlindIndex, sender: Sender) {
        let mut senders = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if senders.len() >= MOST_REMEMBERED {
            senders.clear();
        }
        senders.insert((tenant, index.0), sender);
    }

    /// Forgets whom an address belongs to.
    pub(crate) fn forget(&self, tenant: TenantId, index: &BlindIndex) {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner).remove(&(tenant, index.0));
    }
}
