//! Carriers' credentials, as both databases keep them: tokens sealed.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{ProviderAccountId, StoreError, TenantId, Timestamp};
use tenancy::{
    AuditAction, PlatformScope, Provider, ProviderAccount, ProviderAccountStore, Sealed, SecretText,
    TenantScope, TenantVault,
};

use crate::{
    Stores,
    audit_log::record,
    credential_store::own,
    errors::{corrupt, store_error, vault_error},
    schema::provider_accounts,
    sealing::token_place,
    types::{Id, Ts},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = provider_accounts)]
struct AccountRow {
    tenant_id: Id,
    id: Id,
    provider: String,
    account_sid: String,
    token_sealed: Vec<u8>,
    created_at: Ts,
}

impl AccountRow {
    fn open(self, vault: &dyn TenantVault) -> Result<ProviderAccount, StoreError> {
        let token = vault.open(token_place(self.id.0), &Sealed(self.token_sealed)).map_err(vault_error)?;
        Ok(ProviderAccount {
            id: ProviderAccountId::new(self.id.0),
            tenant_id: TenantId::new(self.tenant_id.0),
            provider: Provider::from_name(&self.provider).ok_or_else(|| corrupt("provider"))?,
            account_sid: self.account_sid,
            auth_token: SecretText::new(String::from_utf8(token).map_err(|_| corrupt("token"))?),
            created_at: self.created_at.0,
        })
    }
}

#[async_trait]
impl ProviderAccountStore for Stores {
    async fn insert(&self, scope: &TenantScope, account: &ProviderAccount) -> Result<(), StoreError> {
        own(scope, account.tenant_id)?;
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let token = vault
            .seal(token_place(account.id.uuid()), account.auth_token.expose().as_bytes())
            .map_err(vault_error)?;
        let row = AccountRow {
            tenant_id: Id(account.tenant_id.uuid()),
            id: Id(account.id.uuid()),
            provider: account.provider.as_str().to_owned(),
            account_sid: account.account_sid.clone(),
            token_sealed: token.0,
            created_at: Ts(account.created_at),
        };
        diesel::insert_into(provider_accounts::table)
            .values(row)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let id = account.id.to_string();
        record(&mut tx, scope, account.created_at, AuditAction::ProviderAccountAdded, &id).await?;
        tx.commit().await
    }

    async fn list(&self, scope: &TenantScope) -> Result<Vec<ProviderAccount>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let rows = provider_accounts::table
            .filter(provider_accounts::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .order((provider_accounts::created_at.asc(), provider_accounts::id.asc()))
            .select(AccountRow::as_select())
            .load::<AccountRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        rows.into_iter().map(|row| row.open(&*vault)).collect()
    }

    async fn delete(
        &self,
        scope: &TenantScope,
        id: ProviderAccountId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.write(scope).await?;
        let gone =
            diesel::delete(provider_accounts::table.find((Id(scope.tenant_id().uuid()), Id(id.uuid()))))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        if gone == 0 {
            tx.commit().await?;
            return Ok(false);
        }
        record(&mut tx, scope, at, AuditAction::ProviderAccountRemoved, &id.to_string()).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn find_by_sid(
        &self,
        platform: &PlatformScope,
        provider: Provider,
        account_sid: &str,
    ) -> Result<Option<ProviderAccount>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let row = provider_accounts::table
            .filter(provider_accounts::provider.eq(provider.as_str()))
            .filter(provider_accounts::account_sid.eq(account_sid))
            .select(AccountRow::as_select())
            .first::<AccountRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        let vault = self.db.keys.of(TenantId::new(row.tenant_id.0), &mut tx).await?;
        row.open(&*vault).map(Some)
    }
}
