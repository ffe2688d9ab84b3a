//! Wrapped keys, in memory; what wraps them without hiding anything; and what the contract needs of an adapter.

use std::{any::Any, collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use kernel::{StoreError, TenantId};
use uuid::Uuid;

use super::{MemoryTenantStore, contract::wrapped_key_store::write_tenants, rows::Rows};
use crate::{
    KeyCount, KeyWrapper, PlatformScope, RewrappedKey, TenantStore, VaultError, WrappedKey, WrappedKeyStore,
};

/// Keeps wrapped keys in memory.
#[derive(Debug, Default)]
pub struct MemoryWrappedKeyStore(Rows<(TenantId, WrappedKey)>);

impl MemoryWrappedKeyStore {
    /// Writes a key, in place of the owner's one if there is one.
    pub fn put(&self, owner: TenantId, key: WrappedKey) {
        let mut rows = self.0.lock();
        rows.retain(|(stored, _)| *stored != owner);
        rows.push((owner, key));
    }

    /// Returns an owner's key.
    pub fn find(&self, owner: TenantId) -> Option<WrappedKey> {
        self.0.find(|(stored, _)| *stored == owner).map(|(_, key)| key)
    }
}

#[async_trait]
impl WrappedKeyStore for MemoryWrappedKeyStore {
    async fn count_by_version(&self, _: &PlatformScope) -> Result<Vec<KeyCount>, StoreError> {
        let mut counts = BTreeMap::<i32, u64>::new();
        for (_, key) in self.0.lock().iter() {
            *counts.entry(key.kek_version).or_default() += 1;
        }
        Ok(counts.into_iter().map(|(version, keys)| KeyCount { version, keys }).collect())
    }

    async fn list_older(
        &self,
        _: &PlatformScope,
        than: i32,
        after: Option<TenantId>,
        limit: u16,
    ) -> Result<Vec<(TenantId, WrappedKey)>, StoreError> {
        let is_due = |(owner, key): &(TenantId, WrappedKey)| {
            key.kek_version < than && after.is_none_or(|after| owner.uuid() > after.uuid())
        };
        let due = self.0.list(is_due, |(owner, _)| owner.uuid());
        Ok(due.into_iter().take(usize::from(limit)).collect())
    }

    async fn replace(&self, _: &PlatformScope, changes: &[RewrappedKey]) -> Result<u64, StoreError> {
        let mut rows = self.0.lock();
        let mut replaced = 0;
        for change in changes {
            let as_read =
                |(owner, key): &&mut (TenantId, WrappedKey)| *owner == change.owner && *key == change.old;
            if let Some((_, key)) = rows.iter_mut().find(as_read) {
                *key = change.new.clone();
                replaced += 1;
            }
        }
        Ok(replaced)
    }
}

/// Wraps without hiding anything: a wrapped key is its owner's id, and opens for its owner only.
#[derive(Clone, Copy, Debug)]
pub struct PlainWrapper {
    /// The version that wraps.
    pub newest: i32,
    /// The lowest version that opens.
    pub oldest: i32,
}

impl PlainWrapper {
    /// Returns an owner's key as a version wraps it.
    pub fn wrapped(owner: TenantId, kek_version: i32) -> WrappedKey {
        WrappedKey { kek_version, bytes: owner.uuid().as_bytes().to_vec() }
    }
}

impl KeyWrapper for PlainWrapper {
    fn newest_version(&self) -> i32 {
        self.newest
    }

    fn has_version(&self, version: i32) -> bool {
        (self.oldest..=self.newest).contains(&version)
    }

    fn rewrap(&self, owner: TenantId, key: &WrappedKey) -> Result<WrappedKey, VaultError> {
        if !self.has_version(key.kek_version) {
            return Err(VaultError::UnknownKeyVersion(key.kek_version));
        }
        if *key != Self::wrapped(owner, key.kek_version) {
            return Err(VaultError::DoesNotOpen);
        }
        Ok(Self::wrapped(owner, self.newest))
    }
}

/// A store of wrapped keys that holds the platform's and those of some tenants, fresh for one test.
pub struct WrappedKeys {
    /// Keeps them.
    pub store: Arc<dyn WrappedKeyStore>,
    /// Whose they are, rising: the platform's nil id and then the tenants.
    pub owners: Vec<TenantId>,
    /// What must live as long as the store.
    pub keep: Box<dyn Any + Send + Sync>,
}

impl WrappedKeys {
    /// Writes the tenants, and with them their keys, to a database that has the platform's key already.
    pub async fn of(
        store: Arc<dyn WrappedKeyStore>,
        tenants: &dyn TenantStore,
        keep: Box<dyn Any + Send + Sync>,
    ) -> Self {
        let tenants = write_tenants(tenants).await;
        Self { store, owners: [TenantId::new(Uuid::nil())].into_iter().chain(tenants).collect(), keep }
    }

    /// Makes the fake.
    pub async fn memory() -> Self {
        let store = Arc::new(MemoryWrappedKeyStore::default());
        let port: Arc<dyn WrappedKeyStore> = Arc::<MemoryWrappedKeyStore>::clone(&store);
        let made = Self::of(port, &MemoryTenantStore::default(), Box::new(())).await;
        for owner in &made.owners {
            store.put(*owner, PlainWrapper::wrapped(*owner, 1));
        }
        made
    }
}
