//! The port to examples, what came of them, and recorded answers.

use async_trait::async_trait;
use kernel::{ExampleId, Page, PageRequest, PromptVersionId, StoreError, Timestamp};
use tenancy::TenantScope;

use crate::{Example, ExampleResult, PromptChannel, Recording};

/// Keeps examples, results and recorded answers.
///
/// An adapter MUST keep transcripts, answers and reasons sealed: also what was redacted may name somebody.
#[async_trait]
pub trait ExampleStore: Send + Sync {
    /// Writes a new example, and records `example.created`.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when the id exists; [`StoreError::Conflict`] when it is not the scope's tenant's.
    async fn insert(&self, scope: &TenantScope, example: &Example) -> Result<(), StoreError>;

    /// Returns one of the tenant's examples.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(&self, scope: &TenantScope, id: ExampleId) -> Result<Option<Example>, StoreError>;

    /// Returns the tenant's examples, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<Example>, StoreError>;

    /// Returns all of the tenant's examples that have to do with versions for a channel, oldest first: those for the
    /// channel and those for all, and for [`PromptChannel::All`] every one. There are [`Example::MOST`] at most.
    ///
    /// # Errors
    /// When the store fails.
    async fn list_meeting(
        &self,
        scope: &TenantScope,
        channel: PromptChannel,
    ) -> Result<Vec<Example>, StoreError>;

    /// Writes what an example says, raises the version by one, and records `example.changed`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] unless the stored one is the tenant's and has the version that was read.
    async fn save(&self, scope: &TenantScope, example: &Example, at: Timestamp) -> Result<(), StoreError>;

    /// Removes an example with its results, and records `example.removed`; `false` when the tenant has no such example.
    ///
    /// # Errors
    /// When the store fails.
    async fn remove(&self, scope: &TenantScope, id: ExampleId, at: Timestamp) -> Result<bool, StoreError>;

    /// Keeps what came of a run, and records `example.ran` for the example.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when the run's id exists; [`StoreError::Conflict`] when the tenant has no such example.
    async fn save_result(&self, scope: &TenantScope, result: &ExampleResult) -> Result<(), StoreError>;

    /// Returns the latest result of each example on a version, by the example's id. Of two at the same time the greater
    /// run's id is the later one.
    ///
    /// # Errors
    /// When the store fails.
    async fn latest_results(
        &self,
        scope: &TenantScope,
        version: PromptVersionId,
    ) -> Result<Vec<ExampleResult>, StoreError>;

    /// Returns the tenant's recorded answer to a question.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_recording(
        &self,
        scope: &TenantScope,
        digest: &str,
    ) -> Result<Option<Recording>, StoreError>;

    /// Keeps an answer in the place of the one that the tenant had for the same question. Nothing is recorded in the
    /// audit log.
    ///
    /// # Errors
    /// When the store fails.
    async fn save_recording(&self, scope: &TenantScope, recording: &Recording) -> Result<(), StoreError>;
}
