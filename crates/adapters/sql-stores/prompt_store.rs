//! Versions of prompts, as both databases keep them.

use async_trait::async_trait;
use kernel::{Page, PageRequest, PromptVersionId, StoreError};
use prompt::{
    NewDraft, ProductionPrompts, PromptChannel, PromptStore, PromptVersion, Publication, VersionStep,
    VersionSummary,
};
use tenancy::{AuditAction, PlatformScope, TenantScope};

use crate::{
    Stores,
    audit_log::record,
    platform_audit_log::record_platform,
    prompt_rows::{BaseVersions, TenantVersions},
};

#[async_trait]
impl PromptStore for Stores {
    async fn insert(&self, scope: &TenantScope, draft: &NewDraft) -> Result<PromptVersion, StoreError> {
        let mut tx = self.db.write(scope).await?;
        let version = TenantVersions::on(&mut tx, scope.tenant_id()).insert(draft).await?;
        let id = draft.id.to_string();
        record(&mut tx, scope, draft.created_at, AuditAction::PromptDrafted, &id).await?;
        tx.commit().await?;
        Ok(version)
    }

    async fn find(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
    ) -> Result<Option<PromptVersion>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        TenantVersions::on(&mut tx, scope.tenant_id()).find(id).await
    }

    async fn list(
        &self,
        scope: &TenantScope,
        channel: Option<PromptChannel>,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        TenantVersions::on(&mut tx, scope.tenant_id()).list(channel, page).await
    }

    async fn save(
        &self,
        scope: &TenantScope,
        version: &PromptVersion,
        step: VersionStep,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.write(scope).await?;
        TenantVersions::on(&mut tx, scope.tenant_id()).save(version).await?;
        record(&mut tx, scope, version.stored().changed_at, step.action(), &version.id().to_string()).await?;
        tx.commit().await
    }

    async fn publish(
        &self,
        scope: &TenantScope,
        version: &PromptVersion,
        publication: Publication,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.write(scope).await?;
        TenantVersions::on(&mut tx, scope.tenant_id()).publish(version, publication).await?;
        record(&mut tx, scope, version.stored().changed_at, publication.action(), &version.id().to_string())
            .await?;
        tx.commit().await
    }

    async fn find_production(
        &self,
        scope: &TenantScope,
        channel: PromptChannel,
    ) -> Result<ProductionPrompts, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let [base_all, base_channel] =
            BaseVersions::on(&mut tx).in_production(channel, &self.contents).await?;
        let tenants =
            TenantVersions::on(&mut tx, scope.tenant_id()).in_production(channel, &self.contents).await?;
        let [tenant_all, tenant_channel] = tenants;
        Ok(ProductionPrompts { base_all, base_channel, tenant_all, tenant_channel })
    }

    async fn insert_base(
        &self,
        platform: &PlatformScope,
        draft: &NewDraft,
    ) -> Result<PromptVersion, StoreError> {
        let mut tx = self.db.write_platform(platform).await?;
        let version = BaseVersions::on(&mut tx).insert(draft).await?;
        let (at, id) = (draft.created_at, draft.id.to_string());
        record_platform(&mut tx, platform, at, AuditAction::PromptDrafted, &id).await?;
        tx.commit().await?;
        Ok(version)
    }

    async fn find_base(
        &self,
        platform: &PlatformScope,
        id: PromptVersionId,
    ) -> Result<Option<PromptVersion>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        BaseVersions::on(&mut tx).find(id).await
    }

    async fn list_base(
        &self,
        platform: &PlatformScope,
        channel: Option<PromptChannel>,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        BaseVersions::on(&mut tx).list(channel, page).await
    }

    async fn save_base(
        &self,
        platform: &PlatformScope,
        version: &PromptVersion,
        step: VersionStep,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.write_platform(platform).await?;
        BaseVersions::on(&mut tx).save(version).await?;
        let (at, id) = (version.stored().changed_at, version.id().to_string());
        record_platform(&mut tx, platform, at, step.action(), &id).await?;
        tx.commit().await
    }

    async fn publish_base(
        &self,
        platform: &PlatformScope,
        version: &PromptVersion,
        publication: Publication,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.write_platform(platform).await?;
        BaseVersions::on(&mut tx).publish(version, publication).await?;
        let (at, id) = (version.stored().changed_at, version.id().to_string());
        record_platform(&mut tx, platform, at, publication.action(), &id).await?;
        tx.commit().await
    }
}
