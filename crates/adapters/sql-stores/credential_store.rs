//! API keys and widget tokens, as both databases keep them: digests only.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{ApiKeyId, StoreError, TenantId, Timestamp, WidgetTokenId};
use tenancy::{
    ApiKey, AuditAction, CredentialStore, KeyKind, Permissions, PlatformScope, SecretDigest, TenantScope,
    WidgetToken,
};

use crate::{
    Stores,
    audit_log::record,
    errors::{corrupt, store_error},
    schema::{api_keys, widget_tokens},
    types::{Id, Ts},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys)]
struct ApiKeyRow {
    tenant_id: Id,
    id: Id,
    name: String,
    digest: Vec<u8>,
    created_at: Ts,
    revoked_at: Option<Ts>,
    kind: String,
    scopes: String,
    expires_at: Option<Ts>,
}

impl From<&ApiKey> for ApiKeyRow {
    fn from(key: &ApiKey) -> Self {
        Self {
            tenant_id: Id(key.tenant_id.uuid()),
            id: Id(key.id.uuid()),
            name: key.name.clone(),
            digest: key.digest.as_bytes().to_vec(),
            created_at: Ts(key.created_at),
            revoked_at: key.revoked_at.map(Ts),
            kind: key.kind.as_str().to_owned(),
            scopes: key.scopes.to_string(),
            expires_at: key.expires_at.map(Ts),
        }
    }
}

impl ApiKeyRow {
    fn read(self) -> Result<ApiKey, StoreError> {
        Ok(ApiKey {
            id: ApiKeyId::new(self.id.0),
            tenant_id: TenantId::new(self.tenant_id.0),
            kind: KeyKind::from_name(&self.kind).ok_or_else(|| corrupt("kind of key"))?,
            name: self.name,
            digest: SecretDigest::from_stored(&self.digest).ok_or_else(|| corrupt("digest"))?,
            scopes: Permissions::from_stored(&self.scopes),
            created_at: self.created_at.0,
            expires_at: self.expires_at.map(|at| at.0),
            revoked_at: self.revoked_at.map(|at| at.0),
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = widget_tokens)]
struct WidgetTokenRow {
    tenant_id: Id,
    id: Id,
    name: String,
    digest: Vec<u8>,
    allowed_origins: String,
    created_at: Ts,
    revoked_at: Option<Ts>,
    expires_at: Option<Ts>,
}

impl WidgetTokenRow {
    fn of(token: &WidgetToken) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: Id(token.tenant_id.uuid()),
            id: Id(token.id.uuid()),
            name: token.name.clone(),
            digest: token.digest.as_bytes().to_vec(),
            allowed_origins: serde_json::to_string(&token.allowed_origins)
                .map_err(|error| StoreError::Corrupt(error.into()))?,
            created_at: Ts(token.created_at),
            revoked_at: token.revoked_at.map(Ts),
            expires_at: token.expires_at.map(Ts),
        })
    }

    fn read(self) -> Result<WidgetToken, StoreError> {
        Ok(WidgetToken {
            id: WidgetTokenId::new(self.id.0),
            tenant_id: TenantId::new(self.tenant_id.0),
            name: self.name,
            digest: SecretDigest::from_stored(&self.digest).ok_or_else(|| corrupt("digest"))?,
            allowed_origins: serde_json::from_str(&self.allowed_origins).map_err(|_| corrupt("origins"))?,
            created_at: self.created_at.0,
            expires_at: self.expires_at.map(|at| at.0),
            revoked_at: self.revoked_at.map(|at| at.0),
        })
    }
}

#[async_trait]
impl CredentialStore for Stores {
    async fn insert_api_key(&self, scope: &TenantScope, key: &ApiKey) -> Result<(), StoreError> {
        own(scope, key.tenant_id)?;
        let mut tx = self.db.write(scope).await?;
        let row = ApiKeyRow::from(key);
        diesel::insert_into(api_keys::table).values(row).execute(&mut *tx).await.map_err(store_error)?;
        record(&mut tx, scope, key.created_at, AuditAction::ApiKeyCreated, &key.id.to_string()).await?;
        tx.commit().await
    }

    async fn list_api_keys(&self, scope: &TenantScope) -> Result<Vec<ApiKey>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let rows = api_keys::table
            .filter(api_keys::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .order((api_keys::created_at.asc(), api_keys::id.asc()))
            .select(ApiKeyRow::as_select())
            .load::<ApiKeyRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(ApiKeyRow::read).collect()
    }

    async fn revoke_api_key(
        &self,
        scope: &TenantScope,
        id: ApiKeyId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = api_keys::table.find((Id(scope.tenant_id().uuid()), Id(id.uuid())));
        let mut tx = self.db.write(scope).await?;
        let revoked = diesel::update(key)
            .filter(api_keys::revoked_at.is_null())
            .set(api_keys::revoked_at.eq(Ts(at)))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if revoked > 0 {
            record(&mut tx, scope, at, AuditAction::ApiKeyRevoked, &id.to_string()).await?;
        }
        let found = key.count().get_result::<i64>(&mut *tx).await.map_err(store_error)?;
        tx.commit().await?;
        Ok(found > 0)
    }

    async fn rotate_api_key(
        &self,
        scope: &TenantScope,
        old: ApiKeyId,
        new: &ApiKey,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        own(scope, new.tenant_id)?;
        let key = api_keys::table.find((Id(scope.tenant_id().uuid()), Id(old.uuid())));
        let mut tx = self.db.write(scope).await?;
        let row = ApiKeyRow::from(new);
        diesel::insert_into(api_keys::table).values(row).execute(&mut *tx).await.map_err(store_error)?;
        let found = key
            .select(ApiKeyRow::as_select())
            .first::<ApiKeyRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        let Some(found) = found.map(ApiKeyRow::read).transpose()?.filter(|key| key.is_live(at)) else {
            return Ok(false);
        };
        let until = found.expires_at.map_or(until, |sooner| sooner.min(until));
        let rotated = diesel::update(key)
            .filter(api_keys::rotated_at.is_null())
            .set((api_keys::expires_at.eq(Ts(until)), api_keys::rotated_at.eq(Ts(at))))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if rotated == 0 {
            return Err(StoreError::Conflict);
        }
        record(&mut tx, scope, at, AuditAction::ApiKeyCreated, &new.id.to_string()).await?;
        record(&mut tx, scope, at, AuditAction::ApiKeyRotated, &old.to_string()).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn find_api_key(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
    ) -> Result<Option<ApiKey>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let row = api_keys::table
            .filter(api_keys::digest.eq(digest.as_bytes().as_slice()))
            .select(ApiKeyRow::as_select())
            .first::<ApiKeyRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        row.map(ApiKeyRow::read).transpose()
    }

    async fn insert_widget_token(&self, scope: &TenantScope, token: &WidgetToken) -> Result<(), StoreError> {
        own(scope, token.tenant_id)?;
        let mut tx = self.db.write(scope).await?;
        let row = WidgetTokenRow::of(token)?;
        diesel::insert_into(widget_tokens::table).values(row).execute(&mut *tx).await.map_err(store_error)?;
        let id = token.id.to_string();
        record(&mut tx, scope, token.created_at, AuditAction::WidgetTokenCreated, &id).await?;
        tx.commit().await
    }

    async fn list_widget_tokens(&self, scope: &TenantScope) -> Result<Vec<WidgetToken>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let rows = widget_tokens::table
            .filter(widget_tokens::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .order((widget_tokens::created_at.asc(), widget_tokens::id.asc()))
            .select(WidgetTokenRow::as_select())
            .load::<WidgetTokenRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(WidgetTokenRow::read).collect()
    }

    async fn revoke_widget_token(
        &self,
        scope: &TenantScope,
        id: WidgetTokenId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let token = widget_tokens::table.find((Id(scope.tenant_id().uuid()), Id(id.uuid())));
        let mut tx = self.db.write(scope).await?;
        let revoked = diesel::update(token)
            .filter(widget_tokens::revoked_at.is_null())
            .set(widget_tokens::revoked_at.eq(Ts(at)))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if revoked > 0 {
            record(&mut tx, scope, at, AuditAction::WidgetTokenRevoked, &id.to_string()).await?;
        }
        let found = token.count().get_result::<i64>(&mut *tx).await.map_err(store_error)?;
        tx.commit().await?;
        Ok(found > 0)
    }

    async fn find_widget_token(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
    ) -> Result<Option<WidgetToken>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let row = widget_tokens::table
            .filter(widget_tokens::digest.eq(digest.as_bytes().as_slice()))
            .select(WidgetTokenRow::as_select())
            .first::<WidgetTokenRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        row.map(WidgetTokenRow::read).transpose()
    }
}

/// Says [`StoreError::Conflict`] unless a thing about to be written is the scope's own.
pub(crate) fn own(scope: &TenantScope, tenant: TenantId) -> Result<(), StoreError> {
    if scope.tenant_id() == tenant { Ok(()) } else { Err(StoreError::Conflict) }
}
