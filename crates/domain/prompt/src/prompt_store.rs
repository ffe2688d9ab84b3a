//! The port to versions of prompts.

use async_trait::async_trait;
use kernel::{Page, PageRequest, PromptVersionId, StoreError};
use tenancy::{AuditAction, PlatformScope, TenantScope};

use crate::{NewDraft, ProductionPrompts, PromptChannel, PromptVersion, VersionSummary};

/// What a save of a version has done to it, for the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionStep {
    /// It says something else.
    Edited,
    /// It is handed over to be tried.
    Submitted,
}

impl VersionStep {
    /// Returns what the audit log calls it.
    pub fn action(self) -> AuditAction {
        match self {
            Self::Edited => AuditAction::PromptEdited,
            Self::Submitted => AuditAction::PromptSubmitted,
        }
    }
}

/// How a version comes into production, for the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    /// For the first time.
    Published,
    /// Again.
    RolledBack,
}

impl Publication {
    /// Returns what the audit log calls it.
    pub fn action(self) -> AuditAction {
        match self {
            Self::Published => AuditAction::PromptPublished,
            Self::RolledBack => AuditAction::PromptRolledBack,
        }
    }
}

/// Keeps versions of prompts: a tenant's, and the platform's, which are called base.
///
/// An adapter MUST make (owner, channel, number) unique in the database itself, and MUST have a constraint by which at
/// most one version of an owner and channel is in production. A number is one more than the highest of that owner and
/// channel. Content of a version that is no draft MUST NOT change, whatever a caller hands over.
///
/// The platform's versions are readable by every tenant through [`find_production`](PromptStore::find_production) only.
/// What is done to them is in the platform's audit log and in no tenant's.
#[async_trait]
pub trait PromptStore: Send + Sync {
    /// Writes a new draft of the scope's tenant, finds its number, and records `prompt.drafted`. Two drafts that come at
    /// once get two numbers.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when the id exists.
    async fn insert(&self, scope: &TenantScope, draft: &NewDraft) -> Result<PromptVersion, StoreError>;

    /// Returns one of the tenant's versions.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
    ) -> Result<Option<PromptVersion>, StoreError>;

    /// Returns the tenant's versions, newest first, of one channel or of each.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(
        &self,
        scope: &TenantScope,
        channel: Option<PromptChannel>,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError>;

    /// Writes a draft's content, note, status and time of change, raises the revision by one, and records
    /// `prompt.edited` or `prompt.submitted`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] unless the stored one is a draft of the tenant with the revision that was read.
    async fn save(
        &self,
        scope: &TenantScope,
        version: &PromptVersion,
        step: VersionStep,
    ) -> Result<(), StoreError>;

    /// Writes that a version is in production since its time of change, raises its revision by one, and retires the
    /// former one of the tenant and channel in the same transaction, at the same time and with its revision raised by
    /// one. No other row is touched. Records `prompt.published` or `prompt.rolled_back` for the version, and nothing for
    /// the former one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] unless the stored one is the tenant's, has the revision that was read, and is being tried
    /// or retired, as the publication asks.
    async fn publish(
        &self,
        scope: &TenantScope,
        version: &PromptVersion,
        publication: Publication,
    ) -> Result<(), StoreError>;

    /// Returns what is in production for a channel, the platform's and the tenant's, in one call. For
    /// [`PromptChannel::All`] only the two that are for all channels.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_production(
        &self,
        scope: &TenantScope,
        channel: PromptChannel,
    ) -> Result<ProductionPrompts, StoreError>;

    /// Does for the platform what [`insert`](PromptStore::insert) does for a tenant, and records the same in the platform's log.
    ///
    /// # Errors
    /// As there.
    async fn insert_base(
        &self,
        platform: &PlatformScope,
        draft: &NewDraft,
    ) -> Result<PromptVersion, StoreError>;

    /// Returns one of the platform's versions.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_base(
        &self,
        platform: &PlatformScope,
        id: PromptVersionId,
    ) -> Result<Option<PromptVersion>, StoreError>;

    /// Returns the platform's versions, newest first, of one channel or of each.
    ///
    /// # Errors
    /// When the store fails.
    async fn list_base(
        &self,
        platform: &PlatformScope,
        channel: Option<PromptChannel>,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError>;

    /// Does for the platform what [`save`](PromptStore::save) does for a tenant, and records the same in the platform's log.
    ///
    /// # Errors
    /// As there.
    async fn save_base(
        &self,
        platform: &PlatformScope,
        version: &PromptVersion,
        step: VersionStep,
    ) -> Result<(), StoreError>;

    /// Does for the platform what [`publish`](PromptStore::publish) does for a tenant, and records the same in the platform's log.
    ///
    /// # Errors
    /// As there.
    async fn publish_base(
        &self,
        platform: &PlatformScope,
        version: &PromptVersion,
        publication: Publication,
    ) -> Result<(), StoreError>;
}
