//! Channel bindings, as both databases keep them: sealed by their tenant, found by the platform's index.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{BindingId, StoreError, TenantId, Timestamp};
use tenancy::{
    Address, AuditAction, Channel, ChannelBinding, ChannelStore, PlatformScope, Provider, TenantScope,
    TenantVault,
};

use crate::{
    Stores,
    audit_log::record,
    credential_store::own,
    errors::{corrupt, store_error},
    schema::channel_bindings,
    sealing::{address_index, open_binding_address, seal_binding_address},
    types::{Id, Ts},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = channel_bindings)]
struct BindingRow {
    tenant_id: Id,
    id: Id,
    channel: String,
    provider: String,
    address_sealed: Vec<u8>,
    address_index: Vec<u8>,
    is_active: bool,
    created_at: Ts,
}

impl BindingRow {
    fn open(self, vault: &dyn TenantVault) -> Result<ChannelBinding, StoreError> {
        let channel = Channel::from_name(&self.channel).ok_or_else(|| corrupt("channel"))?;
        let provider = Provider::from_name(&self.provider).ok_or_else(|| corrupt("provider"))?;
        let address = open_binding_address(vault, self.id.0, self.address_sealed)?;
        Ok(ChannelBinding::from_stored(
            BindingId::new(self.id.0),
            TenantId::new(self.tenant_id.0),
            (channel, provider, address),
            self.is_active,
            self.created_at.0,
        ))
    }
}

#[async_trait]
impl ChannelStore for Stores {
    async fn insert(&self, scope: &TenantScope, binding: &ChannelBinding) -> Result<(), StoreError> {
        own(scope, binding.tenant_id())?;
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let row = BindingRow {
            tenant_id: Id(binding.tenant_id().uuid()),
            id: Id(binding.id().uuid()),
            channel: binding.channel().as_str().to_owned(),
            provider: binding.provider().as_str().to_owned(),
            address_sealed: seal_binding_address(&*vault, binding.id().uuid(), binding.address())?,
            address_index: address_index(&*self.db.keys.platform, binding.address()).0.to_vec(),
            is_active: binding.is_active(),
            created_at: Ts(binding.created_at()),
        };
        diesel::insert_into(channel_bindings::table)
            .values(row)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let id = binding.id().to_string();
        record(&mut tx, scope, binding.created_at(), AuditAction::ChannelBound, &id).await?;
        let committed = tx.commit().await;
        // Also when it failed: it may have been committed.
        self.db.addresses.forget();
        committed
    }

    async fn find(&self, scope: &TenantScope, id: BindingId) -> Result<Option<ChannelBinding>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let row = channel_bindings::table
            .find((Id(scope.tenant_id().uuid()), Id(id.uuid())))
            .select(BindingRow::as_select())
            .first::<BindingRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        row.open(&*vault).map(Some)
    }

    async fn list(&self, scope: &TenantScope) -> Result<Vec<ChannelBinding>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let rows = channel_bindings::table
            .filter(channel_bindings::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .order((channel_bindings::created_at.asc(), channel_bindings::id.asc()))
            .select(BindingRow::as_select())
            .load::<BindingRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        rows.into_iter().map(|row| row.open(&*vault)).collect()
    }

    async fn set_active(
        &self,
        scope: &TenantScope,
        id: BindingId,
        is_active: bool,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.write(scope).await?;
        let changed =
            diesel::update(channel_bindings::table.find((Id(scope.tenant_id().uuid()), Id(id.uuid()))))
                .set(channel_bindings::is_active.eq(is_active))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        if changed == 0 {
            tx.commit().await?;
            return Ok(false);
        }
        let action = if is_active { AuditAction::ChannelSwitchedOn } else { AuditAction::ChannelSwitchedOff };
        record(&mut tx, scope, at, action, &id.to_string()).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn find_by_address(
        &self,
        platform: &PlatformScope,
        channel: Channel,
        address: &Address,
    ) -> Result<Option<ChannelBinding>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let index = address_index(&*self.db.keys.platform, address);
        let row = channel_bindings::table
            .filter(channel_bindings::channel.eq(channel.as_str()))
            .filter(channel_bindings::address_index.eq(index.0.as_slice()))
            .select(BindingRow::as_select())
            .get_result::<BindingRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        let vault = self.db.keys.of(TenantId::new(row.tenant_id.0), &mut tx).await?;
        row.open(&*vault).map(Some)
    }

    async fn has_address(
        &self,
        platform: &PlatformScope,
        channel: Channel,
        address: &Address,
    ) -> Result<bool, StoreError> {
        let index = address_index(&*self.db.keys.platform, address);
        self.db.has_address(platform, channel, &index).await
    }
}
