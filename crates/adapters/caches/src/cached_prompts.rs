//! What is in production for a tenant, kept in the process while that is safe.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Page, PageRequest, PromptVersionId, StoreError, TenantId};
use prompt::{
    NewDraft, ProductionPrompts, PromptChannel, PromptStore, PromptVersion, Publication, VersionStep,
    VersionSummary,
};
use tenancy::{Invalidations, PlatformScope, TenantScope};

use crate::{Cache, CacheLimits};

const FAMILY: &str = "prompts";

/// What is in production, with the tenant whose turns go by it.
type InProduction = (TenantId, ProductionPrompts);

/// Keeps what is in production for a tenant and channel, which every turn asks for. Only what comes into production
/// changes that: drafts are read anew and change nothing.
pub struct CachedPromptStore {
    inner: Arc<dyn PromptStore>,
    production: Cache<(TenantId, PromptChannel), InProduction>,
}

impl CachedPromptStore {
    /// Wraps a store.
    pub fn new(
        inner: Arc<dyn PromptStore>,
        invalidations: &Arc<dyn Invalidations>,
        limits: CacheLimits,
    ) -> Self {
        let owner = |(tenant, _): &InProduction| *tenant;
        Self { inner, production: Cache::new(invalidations, FAMILY, owner, limits) }
    }
}

#[async_trait]
impl PromptStore for CachedPromptStore {
    async fn insert(&self, scope: &TenantScope, draft: &NewDraft) -> Result<PromptVersion, StoreError> {
        self.inner.insert(scope, draft).await
    }

    async fn find(
        &self,
        scope: &TenantScope,
        id: PromptVersionId,
    ) -> Result<Option<PromptVersion>, StoreError> {
        self.inner.find(scope, id).await
    }

    async fn list(
        &self,
        scope: &TenantScope,
        channel: Option<PromptChannel>,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError> {
        self.inner.list(scope, channel, page).await
    }

    async fn save(
        &self,
        scope: &TenantScope,
        version: &PromptVersion,
        step: VersionStep,
    ) -> Result<(), StoreError> {
        self.inner.save(scope, version, step).await
    }

    async fn publish(
        &self,
        scope: &TenantScope,
        version: &PromptVersion,
        publication: Publication,
    ) -> Result<(), StoreError> {
        let change = self.production.change(scope.tenant_id());
        let outcome = self.inner.publish(scope, version, publication).await;
        change.done().await;
        outcome
    }

    async fn find_production(
        &self,
        scope: &TenantScope,
        channel: PromptChannel,
    ) -> Result<ProductionPrompts, StoreError> {
        let tenant = scope.tenant_id();
        let read = async { Ok(Some((tenant, self.inner.find_production(scope, channel).await?))) };
        let found = self.production.read(&(tenant, channel), read).await?;
        Ok(found.map(|(_, prompts)| prompts).unwrap_or_default())
    }

    async fn insert_base(
        &self,
        platform: &PlatformScope,
        draft: &NewDraft,
    ) -> Result<PromptVersion, StoreError> {
        self.inner.insert_base(platform, draft).await
    }

    async fn find_base(
        &self,
        platform: &PlatformScope,
        id: PromptVersionId,
    ) -> Result<Option<PromptVersion>, StoreError> {
        self.inner.find_base(platform, id).await
    }

    async fn list_base(
        &self,
        platform: &PlatformScope,
        channel: Option<PromptChannel>,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, StoreError> {
        self.inner.list_base(platform, channel, page).await
    }

    async fn save_base(
        &self,
        platform: &PlatformScope,
        version: &PromptVersion,
        step: VersionStep,
    ) -> Result<(), StoreError> {
        self.inner.save_base(platform, version, step).await
    }

    async fn publish_base(
        &self,
        platform: &PlatformScope,
        version: &PromptVersion,
        publication: Publication,
    ) -> Result<(), StoreError> {
        let change = self.production.change_for_everybody();
        let outcome = self.inner.publish_base(platform, version, publication).await;
        change.done().await;
        outcome
    }
}
