//! Examples, results and recorded answers, as both databases keep them: what people say and models answer sealed.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
    dsl::{exists, not},
    result::{DatabaseErrorKind, Error},
};
use diesel_async::RunQueryDsl as _;
use kernel::{ExampleId, Page, PageRequest, PromptVersionId, StoreError, Timestamp};
use prompt::{Example, ExampleResult, ExampleStore, PromptChannel, Recording};
use tenancy::{AuditAction, TenantScope};

use crate::{
    Stores,
    audit_log::record,
    conversation_store::{cursor, time_of},
    credential_store::own,
    errors::store_error,
    example_rows::{ExampleRow, RecordingRow, ResultRow},
    prompt_schema::{example_recordings, example_results, prompt_examples},
    types::{Id, Ts},
};

diesel::alias!(example_results as later_results: LaterResults);

#[async_trait]
impl ExampleStore for Stores {
    async fn insert(&self, scope: &TenantScope, example: &Example) -> Result<(), StoreError> {
        own(scope, example.tenant_id)?;
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let row = ExampleRow::seal(&*vault, example)?;
        diesel::insert_into(prompt_examples::table)
            .values(row)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let id = example.id.to_string();
        record(&mut tx, scope, example.created_at, AuditAction::ExampleCreated, &id).await?;
        tx.commit().await
    }

    async fn find(&self, scope: &TenantScope, id: ExampleId) -> Result<Option<Example>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let row = prompt_examples::table
            .find((Id(scope.tenant_id().uuid()), Id(id.uuid())))
            .select(ExampleRow::as_select())
            .first::<ExampleRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        row.open(&*vault).map(Some)
    }

    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<Example>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let mut query = prompt_examples::table
            .filter(prompt_examples::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .select(ExampleRow::as_select())
            .into_boxed();
        if let Some(after) = page.after() {
            let (at, id) = (Ts(time_of(after)?), Id(after.id));
            query = query.filter(
                prompt_examples::created_at
                    .ge(at)
                    .and(prompt_examples::created_at.gt(at).or(prompt_examples::id.gt(id))),
            );
        }
        let rows = query
            .order((prompt_examples::created_at.asc(), prompt_examples::id.asc()))
            .limit(i64::from(page.limit()) + 1)
            .load::<ExampleRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let found = rows.into_iter().map(|row| row.open(&*vault)).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_rows(found, page, |example| cursor(example.created_at, example.id.uuid())))
    }

    async fn list_meeting(
        &self,
        scope: &TenantScope,
        channel: PromptChannel,
    ) -> Result<Vec<Example>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let meeting = PromptChannel::VALUES.iter().filter(|other| other.meets(channel));
        let rows = prompt_examples::table
            .filter(prompt_examples::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .filter(prompt_examples::channel.eq_any(meeting.map(|channel| channel.as_str())))
            .order((prompt_examples::created_at.asc(), prompt_examples::id.asc()))
            .select(ExampleRow::as_select())
            .load::<ExampleRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(|row| row.open(&*vault)).collect()
    }

    async fn save(&self, scope: &TenantScope, example: &Example, at: Timestamp) -> Result<(), StoreError> {
        own(scope, example.tenant_id)?;
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let row = ExampleRow::seal(&*vault, example)?;
        let stored = prompt_examples::table.find((Id(scope.tenant_id().uuid()), Id(example.id.uuid())));
        let saved = diesel::update(stored)
            .filter(prompt_examples::version.eq(example.version))
            .set((
                prompt_examples::channel.eq(row.channel),
                prompt_examples::weight.eq(row.weight),
                prompt_examples::source_conversation_id.eq(row.source_conversation_id),
                prompt_examples::content_sealed.eq(row.content_sealed),
                prompt_examples::version.eq(example.version + 1),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if saved == 0 {
            return Err(StoreError::Conflict);
        }
        record(&mut tx, scope, at, AuditAction::ExampleChanged, &example.id.to_string()).await?;
        tx.commit().await
    }

    async fn remove(&self, scope: &TenantScope, id: ExampleId, at: Timestamp) -> Result<bool, StoreError> {
        let tenant = Id(scope.tenant_id().uuid());
        let mut tx = self.db.write(scope).await?;
        let results = example_results::table
            .filter(example_results::tenant_id.eq(tenant))
            .filter(example_results::example_id.eq(Id(id.uuid())));
        diesel::delete(results).execute(&mut *tx).await.map_err(store_error)?;
        let gone = diesel::delete(prompt_examples::table.find((tenant, Id(id.uuid()))))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if gone == 0 {
            tx.commit().await?;
            return Ok(false);
        }
        record(&mut tx, scope, at, AuditAction::ExampleRemoved, &id.to_string()).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn save_result(&self, scope: &TenantScope, result: &ExampleResult) -> Result<(), StoreError> {
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let row = ResultRow::seal(&*vault, scope.tenant_id(), result)?;
        let inserted = diesel::insert_into(example_results::table).values(row).execute(&mut *tx).await;
        inserted.map_err(|error| match error {
            // The tenant has no such example, or no such version.
            Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => StoreError::Conflict,
            other => store_error(other),
        })?;
        let id = result.example_id.to_string();
        record(&mut tx, scope, result.at, AuditAction::ExampleRan, &id).await?;
        tx.commit().await
    }

    async fn latest_results(
        &self,
        scope: &TenantScope,
        version: PromptVersionId,
    ) -> Result<Vec<ExampleResult>, StoreError> {
        let (tenant, version) = (Id(scope.tenant_id().uuid()), Id(version.uuid()));
        let mut tx = self.db.read(scope).await?;
        let at = later_results.field(example_results::at);
        let later = later_results
            .filter(later_results.field(example_results::tenant_id).eq(tenant))
            .filter(later_results.field(example_results::prompt_version_id).eq(version))
            .filter(later_results.field(example_results::example_id).eq(example_results::example_id))
            .filter(
                at.gt(example_results::at).or(at
                    .eq(example_results::at)
                    .and(later_results.field(example_results::run_id).gt(example_results::run_id))),
            );
        let rows = example_results::table
            .filter(example_results::tenant_id.eq(tenant))
            .filter(example_results::prompt_version_id.eq(version))
            .filter(not(exists(later)))
            .order(example_results::example_id.asc())
            .select(ResultRow::as_select())
            .load::<ResultRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        rows.into_iter().map(|row| row.open(&*vault)).collect()
    }

    async fn find_recording(
        &self,
        scope: &TenantScope,
        digest: &str,
    ) -> Result<Option<Recording>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let row = example_recordings::table
            .find((Id(scope.tenant_id().uuid()), digest))
            .select(RecordingRow::as_select())
            .first::<RecordingRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        row.open(&*vault).map(Some)
    }

    async fn save_recording(&self, scope: &TenantScope, recording: &Recording) -> Result<(), StoreError> {
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let row = RecordingRow::seal(&*vault, scope.tenant_id(), recording)?;
        let (id, at, answer) = (row.id, row.at, row.answer_sealed.clone());
        diesel::insert_into(example_recordings::table)
            .values(row)
            .on_conflict((example_recordings::tenant_id, example_recordings::digest))
            .do_update()
            .set((
                example_recordings::id.eq(id),
                example_recordings::answer_sealed.eq(answer),
                example_recordings::at.eq(at),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await
    }
}
