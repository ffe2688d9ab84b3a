//! Tenants and their business profiles, as both databases keep them.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, Queryable, Selectable, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{Page, PageRequest, StoreError, TenantId, Timestamp};
use tenancy::{
    AuditAction, AuditDetail, BusinessProfile, Plan, PlatformScope, Sealed, Tenant, TenantScope,
    TenantStatus, TenantStore, TenantVault,
};

use crate::{
    Stores,
    audit_log::{record, record_change},
    conversation_store::{cursor, time_of},
    errors::{corrupt, store_error, vault_error},
    schema::{business_profiles, tenants, vault_keys},
    sealing::profile_place,
    types::{Conn, Id, Ts},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = tenants)]
struct TenantRow {
    id: Id,
    name: String,
    status: String,
    plan: String,
    created_at: Ts,
    version: i64,
}

impl TenantRow {
    fn read(self) -> Result<Tenant, StoreError> {
        let status = TenantStatus::from_name(&self.status).ok_or_else(|| corrupt("tenant status"))?;
        let plan = Plan::from_name(&self.plan).ok_or_else(|| corrupt("plan"))?;
        let id = TenantId::new(self.id.0);
        Ok(Tenant::from_stored(id, self.name, (status, plan), self.created_at.0, self.version))
    }
}

#[async_trait]
impl TenantStore for Stores {
    async fn insert(
        &self,
        platform: &PlatformScope,
        tenant: &Tenant,
        profile: &BusinessProfile,
    ) -> Result<(), StoreError> {
        let id = Id(tenant.id().uuid());
        let scope = platform.tenant(tenant.id());
        let mut tx = self.db.write(&scope).await?;
        diesel::insert_into(tenants::table)
            .values((
                tenants::id.eq(id),
                tenants::name.eq(tenant.name()),
                tenants::status.eq(tenant.status().as_str()),
                tenants::plan.eq(tenant.plan().as_str()),
                tenants::created_at.eq(Ts(tenant.created_at())),
                tenants::version.eq(tenant.version()),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let key = self.db.keys.mint(tenant.id())?;
        diesel::insert_into(vault_keys::table)
            .values((
                vault_keys::owner_id.eq(id),
                vault_keys::kek_version.eq(key.kek_version),
                vault_keys::wrapped.eq(&key.bytes),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let vault = self.db.keys.unlock(tenant.id(), &key)?;
        write_profile(&mut tx, (tenant.id(), &*vault), profile, tenant.created_at()).await?;
        let own = tenant.id().to_string();
        record(&mut tx, &scope, tenant.created_at(), AuditAction::TenantCreated, &own).await?;
        tx.commit().await
    }

    async fn find(&self, platform: &PlatformScope, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        find_tenant(&mut tx, id).await
    }

    async fn list(&self, platform: &PlatformScope, page: &PageRequest) -> Result<Page<Tenant>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let mut query = tenants::table.select(TenantRow::as_select()).into_boxed();
        if let Some(after) = page.after() {
            let (at, id) = (Ts(time_of(after)?), Id(after.id));
            query = query
                .filter(tenants::created_at.ge(at).and(tenants::created_at.gt(at).or(tenants::id.gt(id))));
        }
        let rows = query
            .order((tenants::created_at.asc(), tenants::id.asc()))
            .limit(i64::from(page.limit()) + 1)
            .load::<TenantRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let tenants = rows.into_iter().map(TenantRow::read).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_rows(tenants, page, |tenant| cursor(tenant.created_at(), tenant.id().uuid())))
    }

    async fn save(&self, platform: &PlatformScope, tenant: &Tenant, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.write_platform(platform).await?;
        let before = find_tenant(&mut tx, tenant.id()).await?.ok_or(StoreError::Conflict)?;
        let saved = diesel::update(tenants::table.find(Id(tenant.id().uuid())))
            .filter(tenants::version.eq(tenant.version()))
            .set((
                tenants::status.eq(tenant.status().as_str()),
                tenants::plan.eq(tenant.plan().as_str()),
                tenants::version.eq(tenant.version() + 1),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if saved == 0 {
            return Err(StoreError::Conflict);
        }
        let (scope, own) = (platform.tenant(tenant.id()), tenant.id().to_string());
        let detail = AuditDetail::of_tenant(&before, tenant);
        record_change(&mut tx, &scope, at, (AuditAction::TenantChanged, &own), detail.as_ref()).await?;
        tx.commit().await
    }

    async fn find_profile(
        &self,
        scope: &TenantScope,
    ) -> Result<Option<(Tenant, BusinessProfile)>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let found = tenants::table
            .inner_join(business_profiles::table.on(business_profiles::tenant_id.eq(tenants::id)))
            .filter(tenants::id.eq(Id(scope.tenant_id().uuid())))
            .select((TenantRow::as_select(), business_profiles::profile_sealed))
            .get_result::<(TenantRow, Vec<u8>)>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        let Some((tenant, sealed)) = found else { return Ok(None) };
        let tenant = tenant.read()?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let plain =
            vault.open(profile_place(scope.tenant_id().uuid()), &Sealed(sealed)).map_err(vault_error)?;
        let profile = serde_json::from_slice(&plain).map_err(|_| corrupt("business profile"))?;
        Ok(Some((tenant, profile)))
    }

    async fn save_profile(
        &self,
        scope: &TenantScope,
        profile: &BusinessProfile,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        write_profile(&mut tx, (scope.tenant_id(), &*vault), profile, at).await?;
        let own = scope.tenant_id().to_string();
        record(&mut tx, scope, at, AuditAction::ProfileReplaced, &own).await?;
        tx.commit().await
    }
}

async fn find_tenant(conn: &mut Conn, id: TenantId) -> Result<Option<Tenant>, StoreError> {
    let row = tenants::table
        .find(Id(id.uuid()))
        .select(TenantRow::as_select())
        .get_result::<TenantRow>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(TenantRow::read).transpose()
}

async fn write_profile(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    profile: &BusinessProfile,
    at: Timestamp,
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(profile).map_err(|error| StoreError::Corrupt(error.into()))?;
    let sealed = vault.seal(profile_place(tenant.uuid()), &plain).map_err(vault_error)?.0;
    diesel::insert_into(business_profiles::table)
        .values((
            business_profiles::tenant_id.eq(Id(tenant.uuid())),
            business_profiles::profile_sealed.eq(&sealed),
            business_profiles::updated_at.eq(Ts(at)),
        ))
        .on_conflict(business_profiles::tenant_id)
        .do_update()
        .set((business_profiles::profile_sealed.eq(&sealed), business_profiles::updated_at.eq(Ts(at))))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}
