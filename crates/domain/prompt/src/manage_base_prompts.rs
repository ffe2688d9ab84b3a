//! Writing, publishing and rolling back the platform's prompts, the base that every tenant begins with.

use std::sync::Arc;

use kernel::{Clock, IdGenerator, Page, PageRequest, PromptVersionId};
use tenancy::PlatformScope;

use crate::{
    DraftContent, NewDraft, PromptChannel, PromptDiff, PromptError, PromptStore, PromptVersion, Publication,
    VersionStep, VersionSummary, manage_prompts::NOT_FOUND,
};

/// Manages the platform's prompts. No example holds them up: examples are tenants'.
pub struct ManageBasePrompts {
    prompts: Arc<dyn PromptStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ManageBasePrompts {
    /// Makes the use case.
    pub fn new(prompts: Arc<dyn PromptStore>, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { prompts, clock, ids }
    }

    /// Makes a draft.
    ///
    /// # Errors
    /// [`PromptError::InvalidContent`] with everything that is wrong, or when the note is not usable or the store fails.
    pub async fn draft(
        &self,
        platform: &PlatformScope,
        channel: PromptChannel,
        content: DraftContent,
    ) -> Result<PromptVersion, PromptError> {
        let (content, note) = content.checked(channel)?;
        let id = PromptVersionId::new(self.ids.next());
        let created_at = self.clock.now();
        let draft = NewDraft { id, channel, content, note, based_on: None, created_at };
        Ok(self.prompts.insert_base(platform, &draft).await?)
    }

    /// Makes a draft of what a version says, whatever its status.
    ///
    /// # Errors
    /// When the platform has no such version, or the store fails.
    pub async fn draft_from(
        &self,
        platform: &PlatformScope,
        id: PromptVersionId,
    ) -> Result<PromptVersion, PromptError> {
        let version = self.get(platform, id).await?;
        let draft = version.draft_from(PromptVersionId::new(self.ids.next()), self.clock.now());
        Ok(self.prompts.insert_base(platform, &draft).await?)
    }

    /// Returns a version.
    ///
    /// # Errors
    /// When the platform has no such version, or the store fails.
    pub async fn get(
        &self,
        platform: &PlatformScope,
        id: PromptVersionId,
    ) -> Result<PromptVersion, PromptError> {
        self.prompts.find_base(platform, id).await?.ok_or(NOT_FOUND)
    }

    /// Returns the platform's versions, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(
        &self,
        platform: &PlatformScope,
        channel: Option<PromptChannel>,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, PromptError> {
        Ok(self.prompts.list_base(platform, channel, page).await?)
    }

    /// Returns the id of the platform's version with a number.
    ///
    /// # Errors
    /// When the platform has no such version, or the store fails.
    pub async fn numbered(
        &self,
        platform: &PlatformScope,
        channel: PromptChannel,
        number: u32,
    ) -> Result<PromptVersionId, PromptError> {
        let mut page = PageRequest::default();
        loop {
            let found = self.prompts.list_base(platform, Some(channel), &page).await?;
            if let Some(version) = found.items.iter().find(|version| version.number == number) {
                return Ok(version.id);
            }
            let next = found.next.and_then(|next| PageRequest::new(page.limit(), Some(next)));
            page = next.ok_or(NOT_FOUND)?;
        }
    }

    /// Compares two versions of the platform.
    ///
    /// # Errors
    /// When the platform has not both, or the store fails.
    pub async fn diff(
        &self,
        platform: &PlatformScope,
        before: PromptVersionId,
        after: PromptVersionId,
    ) -> Result<PromptDiff, PromptError> {
        let (before, after) = (self.get(platform, before).await?, self.get(platform, after).await?);
        Ok(PromptDiff::between(before.content(), after.content()))
    }

    /// Changes what a draft says. `read` is the revision that the caller has seen.
    ///
    /// # Errors
    /// When the platform has no such version, it is no draft or has changed since, the content is not usable, or the store
    /// fails.
    pub async fn edit(
        &self,
        platform: &PlatformScope,
        id: PromptVersionId,
        read: i64,
        content: DraftContent,
    ) -> Result<PromptVersion, PromptError> {
        let mut version = self.get(platform, id).await?;
        let (content, note) = content.checked(version.channel())?;
        version.edit(content, note, self.clock.now())?;
        if version.revision() != read {
            return Err(PromptError::Conflict);
        }
        self.prompts.save_base(platform, &version, VersionStep::Edited).await?;
        Ok(version.saved())
    }

    /// Hands a draft over to be tried.
    ///
    /// # Errors
    /// When the platform has no such version, it is no draft, somebody was faster, or the store fails.
    pub async fn submit(
        &self,
        platform: &PlatformScope,
        id: PromptVersionId,
    ) -> Result<PromptVersion, PromptError> {
        let mut version = self.get(platform, id).await?;
        version.submit(self.clock.now())?;
        self.prompts.save_base(platform, &version, VersionStep::Submitted).await?;
        Ok(version.saved())
    }

    /// Brings a version into production, and retires the former one of the same channel.
    ///
    /// # Errors
    /// When the platform has no such version, it is not being tried, somebody was faster, or the store fails.
    pub async fn publish(
        &self,
        platform: &PlatformScope,
        id: PromptVersionId,
    ) -> Result<PromptVersion, PromptError> {
        let mut version = self.get(platform, id).await?;
        version.publish(self.clock.now())?;
        self.prompts.publish_base(platform, &version, Publication::Published).await?;
        Ok(version.saved())
    }

    /// Brings a retired version back into production.
    ///
    /// # Errors
    /// When the platform has no such version, it is not retired, somebody was faster, or the store fails.
    pub async fn roll_back(
        &self,
        platform: &PlatformScope,
        id: PromptVersionId,
    ) -> Result<PromptVersion, PromptError> {
        let mut version = self.get(platform, id).await?;
        version.roll_back(self.clock.now())?;
        self.prompts.publish_base(platform, &version, Publication::RolledBack).await?;
        Ok(version.saved())
    }
}
