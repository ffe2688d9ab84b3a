//! AI profiles, as both databases keep them.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _,
    Queryable, Selectable, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{AiProfileId, ModelProvider, Page, PageRequest, StoreError, TenantId, Timestamp};
use prompt::{AiProfile, AiProfileStore, AiRole, ModelSettings, SystemPrompt, Temperature};
use tenancy::{AuditAction, TenantScope};

use crate::{
    Stores,
    audit_log::record,
    conversation_store::{cursor, time_of},
    credential_store::own,
    errors::{corrupt, store_error},
    locks::hold_default_profile,
    prompt_schema::ai_profiles,
    types::{Conn, Id, Ts},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ai_profiles)]
struct ProfileRow {
    tenant_id: Id,
    id: Id,
    name: String,
    role: String,
    providers: String,
    model: Option<String>,
    temperature: Option<i32>,
    max_tokens: Option<i32>,
    system_prompt: String,
    is_default: bool,
    created_at: Ts,
    version: i64,
}

impl ProfileRow {
    fn of(profile: &AiProfile) -> Result<Self, StoreError> {
        let settings = &profile.settings;
        let providers: Vec<_> = settings.providers.iter().map(|provider| provider.as_str()).collect();
        let max_tokens = settings.max_tokens.map(i32::try_from).transpose();
        Ok(Self {
            tenant_id: Id(profile.tenant_id.uuid()),
            id: Id(profile.id.uuid()),
            name: profile.name.clone(),
            role: profile.role.as_str().to_owned(),
            providers: providers.join(" "),
            model: settings.model.clone(),
            temperature: settings.temperature.map(|temperature| temperature.hundredths().into()),
            max_tokens: max_tokens.map_err(|_| corrupt("limit of tokens"))?,
            system_prompt: profile.system_prompt.as_str().to_owned(),
            is_default: profile.is_default,
            created_at: Ts(profile.created_at),
            version: profile.version,
        })
    }

    fn read(self) -> Result<AiProfile, StoreError> {
        let provider = |name| ModelProvider::from_name(name).ok_or_else(|| corrupt("provider of models"));
        let temperature = |hundredths| {
            let hundredths = u16::try_from(hundredths).ok().and_then(Temperature::from_hundredths);
            hundredths.ok_or_else(|| corrupt("temperature"))
        };
        let max_tokens = self.max_tokens.map(u32::try_from).transpose();
        Ok(AiProfile {
            id: AiProfileId::new(self.id.0),
            tenant_id: TenantId::new(self.tenant_id.0),
            name: self.name,
            role: AiRole::from_name(&self.role).ok_or_else(|| corrupt("role of a model"))?,
            settings: ModelSettings {
                providers: self.providers.split_whitespace().map(provider).collect::<Result<_, _>>()?,
                model: self.model,
                temperature: self.temperature.map(temperature).transpose()?,
                max_tokens: max_tokens.map_err(|_| corrupt("limit of tokens"))?,
            },
            system_prompt: SystemPrompt::from_stored(self.system_prompt),
            is_default: self.is_default,
            created_at: self.created_at.0,
            version: self.version,
        })
    }
}

#[async_trait]
impl AiProfileStore for Stores {
    async fn insert(&self, scope: &TenantScope, profile: &AiProfile) -> Result<(), StoreError> {
        own(scope, profile.tenant_id)?;
        let mut tx = self.db.write(scope).await?;
        unset_others(&mut tx, profile).await?;
        let row = ProfileRow::of(profile)?;
        diesel::insert_into(ai_profiles::table).values(row).execute(&mut *tx).await.map_err(store_error)?;
        let id = profile.id.to_string();
        record(&mut tx, scope, profile.created_at, AuditAction::AiProfileCreated, &id).await?;
        tx.commit().await
    }

    async fn find(&self, scope: &TenantScope, id: AiProfileId) -> Result<Option<AiProfile>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let row = ai_profiles::table
            .find((Id(scope.tenant_id().uuid()), Id(id.uuid())))
            .select(ProfileRow::as_select())
            .first::<ProfileRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        row.map(ProfileRow::read).transpose()
    }

    async fn find_default(&self, scope: &TenantScope) -> Result<Option<AiProfile>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let row = ai_profiles::table
            .filter(ai_profiles::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .filter(ai_profiles::is_default.eq(true))
            .select(ProfileRow::as_select())
            .get_result::<ProfileRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        row.map(ProfileRow::read).transpose()
    }

    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<AiProfile>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let mut query = ai_profiles::table
            .filter(ai_profiles::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .select(ProfileRow::as_select())
            .into_boxed();
        if let Some(after) = page.after() {
            let (at, id) = (Ts(time_of(after)?), Id(after.id));
            query = query.filter(
                ai_profiles::created_at.ge(at).and(ai_profiles::created_at.gt(at).or(ai_profiles::id.gt(id))),
            );
        }
        let rows = query
            .order((ai_profiles::created_at.asc(), ai_profiles::id.asc()))
            .limit(i64::from(page.limit()) + 1)
            .load::<ProfileRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let found = rows.into_iter().map(ProfileRow::read).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_rows(found, page, |profile| cursor(profile.created_at, profile.id.uuid())))
    }

    async fn save(&self, scope: &TenantScope, profile: &AiProfile, at: Timestamp) -> Result<(), StoreError> {
        own(scope, profile.tenant_id)?;
        let mut tx = self.db.write(scope).await?;
        unset_others(&mut tx, profile).await?;
        let row = ProfileRow::of(profile)?;
        let saved = diesel::update(ai_profiles::table.find((row.tenant_id, row.id)))
            .filter(ai_profiles::version.eq(profile.version))
            .set((
                ai_profiles::name.eq(row.name),
                ai_profiles::role.eq(row.role),
                ai_profiles::providers.eq(row.providers),
                ai_profiles::model.eq(row.model),
                ai_profiles::temperature.eq(row.temperature),
                ai_profiles::max_tokens.eq(row.max_tokens),
                ai_profiles::system_prompt.eq(row.system_prompt),
                ai_profiles::is_default.eq(row.is_default),
                ai_profiles::version.eq(profile.version + 1),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if saved == 0 {
            return Err(StoreError::Conflict);
        }
        record(&mut tx, scope, at, AuditAction::AiProfileChanged, &profile.id.to_string()).await?;
        tx.commit().await
    }
}

/// Lets no other profile be the tenant's default if this one is to be, before it is.
async fn unset_others(conn: &mut Conn, profile: &AiProfile) -> Result<(), StoreError> {
    if !profile.is_default {
        return Ok(());
    }
    hold_default_profile(conn, profile.tenant_id).await?;
    let others = ai_profiles::table
        .filter(ai_profiles::tenant_id.eq(Id(profile.tenant_id.uuid())))
        .filter(ai_profiles::id.ne(Id(profile.id.uuid())))
        .filter(ai_profiles::is_default.eq(true));
    diesel::update(others)
        .set((ai_profiles::is_default.eq(false), ai_profiles::version.eq(ai_profiles::version + 1)))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}
