//! The wrapped keys of all owners, as both databases keep them, for whoever wraps them anew.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, QueryDsl as _, dsl::count_star};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, TenantId};
use tenancy::{KeyCount, PlatformScope, RewrappedKey, WrappedKey, WrappedKeyStore};

use crate::{Stores, errors::store_error, schema::vault_keys, types::Id};

#[async_trait]
impl WrappedKeyStore for Stores {
    async fn count_by_version(&self, platform: &PlatformScope) -> Result<Vec<KeyCount>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let rows = vault_keys::table
            .group_by(vault_keys::kek_version)
            .select((vault_keys::kek_version, count_star()))
            .order(vault_keys::kek_version.asc())
            .load::<(i32, i64)>(&mut *tx)
            .await
            .map_err(store_error)?;
        let count = |(version, keys): (i32, i64)| KeyCount { version, keys: keys.unsigned_abs() };
        Ok(rows.into_iter().map(count).collect())
    }

    async fn list_older(
        &self,
        platform: &PlatformScope,
        than: i32,
        after: Option<TenantId>,
        limit: u16,
    ) -> Result<Vec<(TenantId, WrappedKey)>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let mut query = vault_keys::table
            .filter(vault_keys::kek_version.lt(than))
            .select((vault_keys::owner_id, vault_keys::kek_version, vault_keys::wrapped))
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(vault_keys::owner_id.gt(Id(after.uuid())));
        }
        let rows = query
            .order(vault_keys::owner_id.asc())
            .limit(i64::from(limit))
            .load::<(Id, i32, Vec<u8>)>(&mut *tx)
            .await
            .map_err(store_error)?;
        let read = |(owner, kek_version, bytes): (Id, _, _)| {
            (TenantId::new(owner.0), WrappedKey { kek_version, bytes })
        };
        Ok(rows.into_iter().map(read).collect())
    }

    async fn replace(&self, platform: &PlatformScope, changes: &[RewrappedKey]) -> Result<u64, StoreError> {
        let mut tx = self.db.write_platform(platform).await?;
        let mut replaced = 0_usize;
        for change in changes {
            replaced += diesel::update(vault_keys::table.find(Id(change.owner.uuid())))
                .filter(vault_keys::kek_version.eq(change.old.kek_version))
                .filter(vault_keys::wrapped.eq(&change.old.bytes))
                .set((
                    vault_keys::kek_version.eq(change.new.kek_version),
                    vault_keys::wrapped.eq(&change.new.bytes),
                ))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await?;
        Ok(u64::try_from(replaced).unwrap_or(u64::MAX))
    }
}
