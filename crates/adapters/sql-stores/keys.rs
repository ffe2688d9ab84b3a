//! The tenants' keys, unlocked once and kept in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use diesel::{OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, TenantId};
use tenancy::{BlindIndex, IndexKind, TenantVault, Vault, VaultError, WrappedKey};
use uuid::Uuid;

use crate::{
    Stores,
    errors::{store_error, vault_error},
    schema::vault_keys,
    types::{Conn, Id},
};

/// So many tenants' keys stay unlocked; a key is 32 bytes and a few derived ones.
const MOST_UNLOCKED: usize = 50_000;

/// Who owns the platform's own key.
pub(crate) const PLATFORM: TenantId = TenantId::new(Uuid::nil());

/// The tenants' keys, unlocked once and kept in memory.
pub(crate) struct Keys {
    vault: Arc<dyn Vault>,
    /// Seals and indexes what belongs to no single tenant: who has which address.
    pub(crate) platform: Arc<dyn TenantVault>,
    unlocked: Mutex<HashMap<TenantId, Arc<dyn TenantVault>>>,
}

impl Stores {
    /// Returns a name that no other database has. It says nothing of the keys, and stays when they are wrapped anew.
    pub fn name(&self) -> String {
        let BlindIndex(digest) = self.db.keys.platform.blind_index(IndexKind::Database, "name");
        digest.iter().take(8).fold(String::new(), |name, byte| name + &format!("{byte:02x}"))
    }
}

impl Keys {
    /// Opens the platform's own key, which is in every database.
    ///
    /// # Errors
    /// When it does not open with the key-encryption keys at hand.
    pub(crate) fn open(vault: Arc<dyn Vault>, platform: &WrappedKey) -> Result<Self, VaultError> {
        let platform = vault.unlock_tenant(PLATFORM, platform)?;
        Ok(Self { vault, platform, unlocked: Mutex::default() })
    }

    /// Makes a new tenant's key, to be written together with the tenant.
    pub(crate) fn mint(&self, tenant: TenantId) -> Result<WrappedKey, StoreError> {
        self.vault.mint_tenant_key(tenant).map_err(vault_error)
    }

    /// Opens a key that was just minted.
    pub(crate) fn unlock(
        &self,
        tenant: TenantId,
        key: &WrappedKey,
    ) -> Result<Arc<dyn TenantVault>, StoreError> {
        self.vault.unlock_tenant(tenant, key).map_err(vault_error)
    }

    /// Returns a tenant's vault if it has been opened before.
    pub(crate) fn unlocked(&self, tenant: TenantId) -> Option<Arc<dyn TenantVault>> {
        self.unlocked.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned()
    }

    /// Returns a tenant's vault.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such tenant, [`StoreError::Corrupt`] when its key does not open.
    pub(crate) async fn of(
        &self,
        tenant: TenantId,
        conn: &mut Conn,
    ) -> Result<Arc<dyn TenantVault>, StoreError> {
        if let Some(vault) = self.unlocked(tenant) {
            return Ok(vault);
        }
        let row = vault_keys::table
            .find(Id(tenant.uuid()))
            .select((vault_keys::kek_version, vault_keys::wrapped))
            .get_result::<(i32, Vec<u8>)>(conn)
            .await
            .optional()
            .map_err(store_error)?;
        let (kek_version, bytes) = row.ok_or(StoreError::Conflict)?;
        let vault =
            self.vault.unlock_tenant(tenant, &WrappedKey { kek_version, bytes }).map_err(vault_error)?;
        let mut unlocked = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner);
        if unlocked.len() >= MOST_UNLOCKED {
            unlocked.clear();
        }
        unlocked.insert(tenant, Arc::clone(&vault));
        Ok(vault)
    }
}
