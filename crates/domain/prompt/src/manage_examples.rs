//! Making, changing and removing examples.

use std::sync::Arc;

use kernel::{Clock, ExampleId, IdGenerator, Page, PageRequest};
use tenancy::TenantScope;

use crate::{Example, ExampleContent, ExampleStore, PromptChannel, PromptError, RawExample};

/// Makes, changes and removes examples.
pub struct ManageExamples {
    store: Arc<dyn ExampleStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ManageExamples {
    /// Makes the use case.
    pub fn new(store: Arc<dyn ExampleStore>, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { store, clock, ids }
    }

    /// Makes an example. What comes from a conversation is redacted, with the names that are known.
    ///
    /// # Errors
    /// When a field is not usable, the tenant has [`Example::MOST`] already, or the store fails.
    pub async fn create(
        &self,
        scope: &TenantScope,
        raw: RawExample,
        known_names: &[String],
    ) -> Result<Example, PromptError> {
        let content = ExampleContent::parse(raw, known_names)?;
        let present = self.store.list_meeting(scope, PromptChannel::All).await?.len();
        if present >= Example::MOST {
            return Err(PromptError::TooMany { what: "examples", most: Example::MOST });
        }
        let example = Example {
            id: ExampleId::new(self.ids.next()),
            tenant_id: scope.tenant_id(),
            content,
            created_at: self.clock.now(),
            version: 0,
        };
        self.store.insert(scope, &example).await?;
        Ok(example)
    }

    /// Returns an example.
    ///
    /// # Errors
    /// When the tenant has no such example, or the store fails.
    pub async fn get(&self, scope: &TenantScope, id: ExampleId) -> Result<Example, PromptError> {
        self.store.find(scope, id).await?.ok_or(PromptError::NotFound { what: "example" })
    }

    /// Returns the tenant's examples, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<Example>, PromptError> {
        Ok(self.store.list(scope, page).await?)
    }

    /// Changes what an example says; its results do not count any more. Where it comes from stays.
    ///
    /// # Errors
    /// When there is no such example, a field is not usable, somebody was faster, or the store fails.
    pub async fn change(
        &self,
        scope: &TenantScope,
        id: ExampleId,
        raw: RawExample,
        known_names: &[String],
    ) -> Result<Example, PromptError> {
        let before = self.get(scope, id).await?;
        let raw = RawExample { source: before.content.raw().source, ..raw };
        let example = Example { content: ExampleContent::parse(raw, known_names)?, ..before };
        self.store.save(scope, &example, self.clock.now()).await?;
        Ok(Example { version: example.version + 1, ..example })
    }

    /// Removes an example with its results.
    ///
    /// # Errors
    /// When there is no such example, or the store fails.
    pub async fn remove(&self, scope: &TenantScope, id: ExampleId) -> Result<(), PromptError> {
        if self.store.remove(scope, id, self.clock.now()).await? {
            Ok(())
        } else {
            Err(PromptError::NotFound { what: "example" })
        }
    }
}
