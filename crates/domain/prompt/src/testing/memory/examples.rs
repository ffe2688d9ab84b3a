//! Examples, results and recorded answers, in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use kernel::{ExampleId, Page, PageRequest, PromptVersionId, StoreError, TenantId, Timestamp};
use tenancy::{AuditAction, TenantScope, testing::MemoryAuditLog};

use super::rows::{Order, Rows, page_of};
use crate::{Example, ExampleResult, ExampleStore, PromptChannel, Recording};

/// Keeps examples, results and recorded answers in memory.
#[derive(Debug, Default)]
pub struct MemoryExampleStore {
    examples: Rows<Example>,
    results: Rows<(TenantId, ExampleResult)>,
    recordings: Rows<(TenantId, Recording)>,
    audit: MemoryAuditLog,
}

impl MemoryExampleStore {
    /// Makes an empty store that records in a log.
    pub fn recording_in(audit: &MemoryAuditLog) -> Self {
        Self { audit: audit.clone(), ..Self::default() }
    }
}

#[async_trait]
impl ExampleStore for MemoryExampleStore {
    async fn insert(&self, scope: &TenantScope, example: &Example) -> Result<(), StoreError> {
        if example.tenant_id != scope.tenant_id() {
            return Err(StoreError::Conflict);
        }
        let mut rows = self.examples.lock();
        if rows.iter().any(|row| row.id == example.id) {
            return Err(StoreError::Duplicate);
        }
        rows.push(example.clone());
        self.audit.record(scope, example.created_at, AuditAction::ExampleCreated, example.id);
        Ok(())
    }

    async fn find(&self, scope: &TenantScope, id: ExampleId) -> Result<Option<Example>, StoreError> {
        Ok(self.examples.find(|row| row.tenant_id == scope.tenant_id() && row.id == id))
    }

    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<Example>, StoreError> {
        let rows = self.examples.all(|row| row.tenant_id == scope.tenant_id());
        Ok(page_of(rows, page, Order::OldestFirst, |row| (row.created_at, row.id.uuid())))
    }

    async fn list_meeting(
        &self,
        scope: &TenantScope,
        channel: PromptChannel,
    ) -> Result<Vec<Example>, StoreError> {
        let mut rows = self.examples.all(|row| row.tenant_id == scope.tenant_id() && row.meets(channel));
        rows.sort_by_key(|row| (row.created_at, row.id));
        Ok(rows)
    }

    async fn save(&self, scope: &TenantScope, example: &Example, at: Timestamp) -> Result<(), StoreError> {
        let mut rows = self.examples.lock();
        let is_same = |row: &&mut Example| {
            row.tenant_id == scope.tenant_id() && row.id == example.id && row.version == example.version
        };
        let stored = rows.iter_mut().find(is_same).ok_or(StoreError::Conflict)?;
        stored.content = example.content.clone();
        stored.version += 1;
        self.audit.record(scope, at, AuditAction::ExampleChanged, example.id);
        Ok(())
    }

    async fn remove(&self, scope: &TenantScope, id: ExampleId, at: Timestamp) -> Result<bool, StoreError> {
        let mut rows = self.examples.lock();
        let before = rows.len();
        rows.retain(|row| row.tenant_id != scope.tenant_id() || row.id != id);
        if rows.len() == before {
            return Ok(false);
        }
        self.results.lock().retain(|(_, result)| result.example_id != id);
        self.audit.record(scope, at, AuditAction::ExampleRemoved, id);
        Ok(true)
    }

    async fn save_result(&self, scope: &TenantScope, result: &ExampleResult) -> Result<(), StoreError> {
        let is_own = |row: &Example| row.tenant_id == scope.tenant_id() && row.id == result.example_id;
        self.examples.find(is_own).ok_or(StoreError::Conflict)?;
        let mut rows = self.results.lock();
        if rows.iter().any(|(_, row)| row.run_id == result.run_id) {
            return Err(StoreError::Duplicate);
        }
        rows.push((scope.tenant_id(), result.clone()));
        self.audit.record(scope, result.at, AuditAction::ExampleRan, result.example_id);
        Ok(())
    }

    async fn latest_results(
        &self,
        scope: &TenantScope,
        version: PromptVersionId,
    ) -> Result<Vec<ExampleResult>, StoreError> {
        let is_due = |(tenant, row): &(TenantId, ExampleResult)| {
            *tenant == scope.tenant_id() && row.prompt_version_id == version
        };
        let mut rows = self.results.all(is_due);
        rows.sort_by_key(|(_, row)| (row.at, row.run_id));
        let latest: BTreeMap<_, _> = rows.into_iter().map(|(_, row)| (row.example_id, row)).collect();
        Ok(latest.into_values().collect())
    }

    async fn find_recording(
        &self,
        scope: &TenantScope,
        digest: &str,
    ) -> Result<Option<Recording>, StoreError> {
        let found =
            self.recordings.find(|(tenant, row)| *tenant == scope.tenant_id() && row.digest == digest);
        Ok(found.map(|(_, recording)| recording))
    }

    async fn save_recording(&self, scope: &TenantScope, recording: &Recording) -> Result<(), StoreError> {
        let mut rows = self.recordings.lock();
        rows.retain(|(tenant, row)| *tenant != scope.tenant_id() || row.digest != recording.digest);
        rows.push((scope.tenant_id(), recording.clone()));
        Ok(())
    }
}
