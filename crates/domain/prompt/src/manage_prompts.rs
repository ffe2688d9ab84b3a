//! Writing, trying, publishing and rolling back a tenant's prompts.

use std::sync::Arc;

use kernel::{Clock, IdGenerator, Page, PageRequest, PromptVersionId};
use tenancy::TenantScope;

use crate::{
    ExampleStore, NewDraft, PromptChannel, PromptContent, PromptDiff, PromptError, PromptStore,
    PromptVersion, Publication, RawSection, VersionStep, VersionSummary, example_result::blocking,
};

/// What somebody wants a draft to say.
#[derive(Clone, Debug, Default)]
pub struct DraftContent {
    /// The sections.
    pub sections: Vec<RawSection>,
    /// The closing text of the channel.
    pub suffix: Option<String>,
    /// What its author says about it.
    pub note: String,
}

impl DraftContent {
    pub(crate) fn checked(self, channel: PromptChannel) -> Result<(PromptContent, String), PromptError> {
        let note = PromptVersion::parse_note(&self.note)?;
        Ok((PromptContent::parse(channel, self.sections, self.suffix)?, note))
    }
}

pub(crate) const NOT_FOUND: PromptError = PromptError::NotFound { what: "prompt version" };

/// Manages a tenant's prompts.
pub struct ManagePrompts {
    prompts: Arc<dyn PromptStore>,
    examples: Arc<dyn ExampleStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ManagePrompts {
    /// Makes the use case.
    pub fn new(
        prompts: Arc<dyn PromptStore>,
        examples: Arc<dyn ExampleStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        Self { prompts, examples, clock, ids }
    }

    /// Makes a draft.
    ///
    /// # Errors
    /// [`PromptError::InvalidContent`] with everything that is wrong, or when the note is not usable or the store fails.
    pub async fn draft(
        &self,
        scope: &TenantScope,
        channel: PromptChannel,
        content: DraftContent,
    ) -> Result<PromptVersion, PromptError> {
        let (content, note) = content.checked(channel)?;
        let id = PromptVersionId::new(self.ids.next());
        let created_at = self.clock.now();
        let draft = NewDraft { id, channel, content, note, based_on: None, created_at };
        Ok(self.prompts.insert(scope, &draft).await?)
    }

    /// Makes a draft of what a version says, whatever its status.
    ///
    /// # Errors
    /// When the tenant has no such version, or the store fails.
    pub async fn draft_from(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
    ) -> Result<PromptVersion, PromptError> {
        let version = self.get(scope, id).await?;
        let draft = version.draft_from(PromptVersionId::new(self.ids.next()), self.clock.now());
        Ok(self.prompts.insert(scope, &draft).await?)
    }

    /// Returns a version.
    ///
    /// # Errors
    /// When the tenant has no such version, or the store fails.
    pub async fn get(&self, scope: &TenantScope, id: PromptVersionId) -> Result<PromptVersion, PromptError> {
        self.prompts.find(scope, id).await?.ok_or(NOT_FOUND)
    }

    /// Returns the tenant's versions, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(
        &self,
        scope: &TenantScope,
        channel: Option<PromptChannel>,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, PromptError> {
        Ok(self.prompts.list(scope, channel, page).await?)
    }

    /// Returns the id of the tenant's version with a number.
    ///
    /// # Errors
    /// When the tenant has no such version, or the store fails.
    pub async fn numbered(
        &self,
        scope: &TenantScope,
        channel: PromptChannel,
        number: u32,
    ) -> Result<PromptVersionId, PromptError> {
        let mut page = PageRequest::default();
        loop {
            let found = self.prompts.list(scope, Some(channel), &page).await?;
            if let Some(version) = found.items.iter().find(|version| version.number == number) {
                return Ok(version.id);
            }
            let next = found.next.and_then(|next| PageRequest::new(page.limit(), Some(next)));
            page = next.ok_or(NOT_FOUND)?;
        }
    }

    /// Compares two versions of the tenant.
    ///
    /// # Errors
    /// When the tenant has not both, or the store fails.
    pub async fn diff(
        &self,
        scope: &TenantScope,
        before: PromptVersionId,
        after: PromptVersionId,
    ) -> Result<PromptDiff, PromptError> {
        let (before, after) = (self.get(scope, before).await?, self.get(scope, after).await?);
        Ok(PromptDiff::between(before.content(), after.content()))
    }

    /// Changes what a draft says. `read` is the revision that the caller has seen.
    ///
    /// # Errors
    /// When the tenant has no such version, it is no draft or has changed since, the content is not usable, or the store
    /// fails.
    pub async fn edit(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
        read: i64,
        content: DraftContent,
    ) -> Result<PromptVersion, PromptError> {
        let mut version = self.get(scope, id).await?;
        let (content, note) = content.checked(version.channel())?;
        version.edit(content, note, self.clock.now())?;
        if version.revision() != read {
            return Err(PromptError::Conflict);
        }
        self.prompts.save(scope, &version, VersionStep::Edited).await?;
        Ok(version.saved())
    }

    /// Hands a draft over to be tried.
    ///
    /// # Errors
    /// When the tenant has no such version, it is no draft, somebody was faster, or the store fails.
    pub async fn submit(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
    ) -> Result<PromptVersion, PromptError> {
        let mut version = self.get(scope, id).await?;
        version.submit(self.clock.now())?;
        self.prompts.save(scope, &version, VersionStep::Submitted).await?;
        Ok(version.saved())
    }

    /// Brings a version into production, and retires the former one of the same channel.
    ///
    /// # Errors
    /// [`PromptError::BlockedByExamples`] unless every blocking example that meets the channel is green on it; or when
    /// the tenant has no such version, it is not being tried, somebody was faster, or the store fails.
    pub async fn publish(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
    ) -> Result<PromptVersion, PromptError> {
        let mut version = self.get(scope, id).await?;
        version.publish(self.clock.now())?;
        let examples = self.examples.list_meeting(scope, version.channel()).await?;
        let latest = self.examples.latest_results(scope, id).await?;
        let blocking = blocking(&version, &examples, &latest);
        if !blocking.is_empty() {
            return Err(PromptError::BlockedByExamples(blocking));
        }
        self.prompts.publish(scope, &version, Publication::Published).await?;
        Ok(version.saved())
    }

    /// Brings a retired version back into production. No example holds that up.
    ///
    /// # Errors
    /// When the tenant has no such version, it is not retired, somebody was faster, or the store fails.
    pub async fn roll_back(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
    ) -> Result<PromptVersion, PromptError> {
        let mut version = self.get(scope, id).await?;
        version.roll_back(self.clock.now())?;
        self.prompts.publish(scope, &version, Publication::RolledBack).await?;
        Ok(version.saved())
    }
}
