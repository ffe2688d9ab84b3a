//! The tenants' keys, unlocked once and kept in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _, SqliteConnection,
};
use kernel::{StoreError, TenantId};
use tenancy::{TenantVault, Vault, WrappedKey};
use uuid::Uuid;

use crate::{
    db::OpenError,
    errors::{store_error, vault_error},
    schema::vault_keys,
    types::{Conn, Id},
};

/// So many tenants' keys stay unlocked; a key is 32 bytes and a few derived ones.
const MOST_UNLOCKED: usize = 50_000;

/// The tenants' keys, unlocked once and kept in memory.
pub(crate) struct Keys {
    vault: Arc<dyn Vault>,
    /// Seals and indexes what belongs to no single tenant: who has which address.
    pub(crate) platform: Arc<dyn TenantVault>,
    unlocked: Mutex<HashMap<TenantId, Arc<dyn TenantVault>>>,
}

impl Keys {
    /// Loads the platform's own key, making it in a new database.
    pub(crate) fn load(conn: &mut SqliteConnection, vault: Arc<dyn Vault>) -> Result<Self, OpenError> {
        let owner = TenantId::new(Uuid::nil());
        let failed = |error: kernel::BoxError| OpenError::Keys(error);
        let minted = vault.mint_tenant_key(owner).map_err(|error| failed(error.into()))?;
        diesel::insert_or_ignore_into(vault_keys::table)
            .values((
                vault_keys::owner_id.eq(Id(owner.uuid())),
                vault_keys::kek_version.eq(minted.kek_version),
                vault_keys::wrapped.eq(&minted.bytes),
            ))
            .execute(conn)
            .map_err(|error| failed(error.into()))?;
        let (kek_version, bytes) = vault_keys::table
            .find(Id(owner.uuid()))
            .select((vault_keys::kek_version, vault_keys::wrapped))
            .first::<(i32, Vec<u8>)>(conn)
            .map_err(|error| failed(error.into()))?;
        let platform = vault
            .unlock_tenant(owner, &WrappedKey { kek_version, bytes })
            .map_err(|error| failed(error.into()))?;
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

    /// Returns a tenant's vault.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such tenant, [`StoreError::Corrupt`] when its key does not open.
    pub(crate) async fn of(
        &self,
        tenant: TenantId,
        conn: &mut Conn,
    ) -> Result<Arc<dyn TenantVault>, StoreError> {
        if let Some(vault) = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant) {
            return Ok(Arc::clone(vault));
        }
        let row = diesel_async::RunQueryDsl::first::<(i32, Vec<u8>)>(
            vault_keys::table.find(Id(tenant.uuid())).select((vault_keys::kek_version, vault_keys::wrapped)),
            conn,
        )
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
