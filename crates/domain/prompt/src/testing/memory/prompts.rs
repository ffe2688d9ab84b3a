//! Versions of prompts, in memory.

use async_trait::async_trait;
use kernel::{Page, PageRequest, PromptVersionId, StoreError};
use tenancy::{AuditAction, PlatformScope, TenantScope, testing::MemoryAuditLog};

use super::rows::{Order, Rows, page_of};
use crate::{
    NewDraft, ProductionPrompts, PromptChannel, PromptOwner, PromptStore, PromptVersion, Publication,
    StoredVersion, VersionStatus, VersionStep, VersionSummary,
};

/// Keeps versions of prompts in memory.
#[derive(Debug, Default)]
pub struct MemoryPromptStore {
    rows: Rows<PromptVersion>,
    audit: MemoryAuditLog,
}

impl MemoryPromptStore {
    /// Makes an empty store that records in a log.
    pub fn recording_in(audit: &MemoryAuditLog) -> Self {
        Self { audit: audit.clone(), ..Self::default() }
    }

    fn insert_for(&self, owner: PromptOwner, draft: &NewDraft) -> Result<PromptVersion, StoreError> {
        let mut rows = self.rows.lock();
        if rows.iter().any(|row| row.id() == draft.id) {
            return Err(StoreError::Duplicate);
        }
        let own = rows.iter().filter(|row| row.owner() == owner && row.channel() == draft.channel);
        let number = own.map(PromptVersion::number).max().unwrap_or(0) + 1;
        let version = PromptVersion::draft(owner, number, draft.clone());
        rows.push(version.clone());
        Ok(version)
    }

    fn find_for(&self, owner: PromptOwner, id: PromptVersionId) -> Option<PromptVersion> {
        self.rows.find(|row| row.owner() == owner && row.id() == id)
    }

    fn list_for(
        &self,
        owner: PromptOwner,
        channel: Option<PromptChannel>,
        page: &PageRequest,
    ) -> Page<VersionSummary> {
        let fits = |row: &PromptVersion| {
            row.owner() == owner && channel.is_none_or(|channel| channel == row.channel())
        };
        let key = |row: &PromptVersion| (row.stored().created_at, row.id().uuid());
        page_of(self.rows.all(fits), page, Order::NewestFirst, key).map(|row| row.summary())
    }

    fn save_for(&self, owner: PromptOwner, version: &PromptVersion) -> Result<(), StoreError> {
        let mut rows = self.rows.lock();
        let stored = same(&mut rows, owner, version).ok_or(StoreError::Conflict)?;
        if stored.status() != VersionStatus::Draft {
            return Err(StoreError::Conflict);
        }
        let new = version.stored().clone();
        *stored = PromptVersion::from_stored(StoredVersion {
            content: new.content,
            note: new.note,
            status: new.status,
            changed_at: new.changed_at,
            ..stored.stored().clone()
        })
        .saved();
        Ok(())
    }

    fn publish_for(
        &self,
        owner: PromptOwner,
        version: &PromptVersion,
        publication: Publication,
    ) -> Result<(), StoreError> {
        let at = version.stored().changed_at;
        let mut rows = self.rows.lock();
        let mut next = same(&mut rows, owner, version).ok_or(StoreError::Conflict)?.clone();
        let step = match publication {
            Publication::Published => next.publish(at),
            Publication::RolledBack => next.roll_back(at),
        };
        step.map_err(|_| StoreError::Conflict)?;
        for row in rows.iter_mut().filter(|row| row.owner() == owner && row.channel() == next.channel()) {
            if row.id() == next.id() {
                *row = next.clone().saved();
            } else if row.retire(at).is_ok() {
                *row = row.clone().saved();
            }
        }
        Ok(())
    }

    fn production(&self, owner: PromptOwner, channel: PromptChannel) -> Option<PromptVersion> {
        self.rows.find(|row| {
            row.owner() == owner && row.channel() == channel && row.status() == VersionStatus::Production
        })
    }
}

/// Returns the row of the owner with the revision that was read.
fn same<'a>(
    rows: &'a mut [PromptVersion],
    owner: PromptOwner,
    version: &PromptVersion,
) -> Option<&'a mut PromptVersion> {
    rows.iter_mut()
        .find(|row| row.owner() == owner && row.id() == version.id() && row.revision() == version.revision())
}

fn of(scope: &TenantScope) -> PromptOwner {
    PromptOwner::Tenant(scope.tenant_id())
}

#[async_trait]
impl PromptStore for MemoryPromptStore {
    async fn insert(&self, scope: &TenantScope, draft: &NewDraft) -> Result<PromptVersion, StoreError> {
        let version = self.insert_for(of(scope), draft)?;
        self.audit.record(scope, draft.created_at, AuditAction::PromptDrafted, draft.id);
        Ok(version)
    }

    async fn find(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
    ) -> Result<Option<PromptVersion>, StoreError> {
        Ok(self.find_for(of(scope), id))
    }

    async fn list(
        &self,
        scope: &TenantScope,
        channel: Option<PromptChannel>,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError> {
        Ok(self.list_for(of(scope), channel, page))
    }

    async fn save(
        &self,
        scope: &TenantScope,
        version: &PromptVersion,
        step: VersionStep,
    ) -> Result<(), StoreError> {
        self.save_for(of(scope), version)?;
        self.audit.record(scope, version.stored().changed_at, step.action(), version.id());
        Ok(())
    }

    async fn publish(
        &self,
        scope: &TenantScope,
        version: &PromptVersion,
        publication: Publication,
    ) -> Result<(), StoreError> {
        self.publish_for(of(scope), version, publication)?;
        self.audit.record(scope, version.stored().changed_at, publication.action(), version.id());
        Ok(())
    }

    async fn find_production(
        &self,
        scope: &TenantScope,
        channel: PromptChannel,
    ) -> Result<ProductionPrompts, StoreError> {
        let of_channel = |owner| match channel {
            PromptChannel::All => None,
            channel => self.production(owner, channel),
        };
        Ok(ProductionPrompts {
            base_all: self.production(PromptOwner::Platform, PromptChannel::All),
            base_channel: of_channel(PromptOwner::Platform),
            tenant_all: self.production(of(scope), PromptChannel::All),
            tenant_channel: of_channel(of(scope)),
        })
    }

    async fn insert_base(
        &self,
        platform: &PlatformScope,
        draft: &NewDraft,
    ) -> Result<PromptVersion, StoreError> {
        let version = self.insert_for(PromptOwner::Platform, draft)?;
        self.audit.record_platform(platform, draft.created_at, AuditAction::PromptDrafted, draft.id);
        Ok(version)
    }

    async fn find_base(
        &self,
        _: &PlatformScope,
        id: PromptVersionId,
    ) -> Result<Option<PromptVersion>, StoreError> {
        Ok(self.find_for(PromptOwner::Platform, id))
    }

    async fn list_base(
        &self,
        _: &PlatformScope,
        channel: Option<PromptChannel>,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError> {
        Ok(self.list_for(PromptOwner::Platform, channel, page))
    }

    async fn save_base(
        &self,
        platform: &PlatformScope,
        version: &PromptVersion,
        step: VersionStep,
    ) -> Result<(), StoreError> {
        self.save_for(PromptOwner::Platform, version)?;
        self.audit.record_platform(platform, version.stored().changed_at, step.action(), version.id());
        Ok(())
    }

    async fn publish_base(
        &self,
        platform: &PlatformScope,
        version: &PromptVersion,
        publication: Publication,
    ) -> Result<(), StoreError> {
        self.publish_for(PromptOwner::Platform, version, publication)?;
        self.audit.record_platform(platform, version.stored().changed_at, publication.action(), version.id());
        Ok(())
    }
}
