//! Feature flags, as both databases keep them.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, Timestamp};
use tenancy::{AuditAction, FeatureFlag, FlagStore, TenantScope};

use crate::{
    Stores,
    audit_log::record,
    errors::store_error,
    schema::feature_flags,
    types::{Id, Ts},
};

#[async_trait]
impl FlagStore for Stores {
    async fn list(&self, scope: &TenantScope) -> Result<Vec<(FeatureFlag, bool)>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let rows = feature_flags::table
            .filter(feature_flags::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .order(feature_flags::flag.asc())
            .select((feature_flags::flag, feature_flags::is_on))
            .load::<(String, bool)>(&mut *tx)
            .await
            .map_err(store_error)?;
        // A flag that only a newer program knows means nothing to this one.
        let known =
            rows.into_iter().filter_map(|(name, is_on)| Some((FeatureFlag::from_name(&name)?, is_on)));
        Ok(known.collect())
    }

    async fn set(
        &self,
        scope: &TenantScope,
        flag: FeatureFlag,
        value: bool,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let tenant = Id(scope.tenant_id().uuid());
        let mut tx = self.db.write(scope).await?;
        let before = feature_flags::table
            .find((tenant, flag.as_str()))
            .select(feature_flags::is_on)
            .get_result::<bool>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        if before == Some(value) {
            return tx.commit().await;
        }
        diesel::insert_into(feature_flags::table)
            .values((
                feature_flags::tenant_id.eq(tenant),
                feature_flags::flag.eq(flag.as_str()),
                feature_flags::is_on.eq(value),
                feature_flags::changed_at.eq(Ts(at)),
            ))
            .on_conflict((feature_flags::tenant_id, feature_flags::flag))
            .do_update()
            .set((feature_flags::is_on.eq(value), feature_flags::changed_at.eq(Ts(at))))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let action = if value { AuditAction::FlagSwitchedOn } else { AuditAction::FlagSwitchedOff };
        record(&mut tx, scope, at, action, flag.as_str()).await?;
        tx.commit().await
    }
}
