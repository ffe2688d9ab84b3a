//! Tenants' default AI profiles, kept in the process while that is safe.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{AiProfileId, Page, PageRequest, StoreError, TenantId, Timestamp};
use prompt::{AiProfile, AiProfileStore};
use tenancy::{Invalidations, TenantScope};

use crate::{Cache, CacheLimits};

const FAMILY: &str = "ai_profiles";

/// Keeps the default profiles of tenants, which every turn asks for.
pub struct CachedAiProfileStore {
    inner: Arc<dyn AiProfileStore>,
    defaults: Cache<TenantId, AiProfile>,
}

impl CachedAiProfileStore {
    /// Wraps a store.
    pub fn new(
        inner: Arc<dyn AiProfileStore>,
        invalidations: &Arc<dyn Invalidations>,
        limits: CacheLimits,
    ) -> Self {
        let owner = |profile: &AiProfile| profile.tenant_id;
        Self { inner, defaults: Cache::new(invalidations, FAMILY, owner, limits) }
    }
}

#[async_trait]
impl AiProfileStore for CachedAiProfileStore {
    async fn insert(&self, scope: &TenantScope, profile: &AiProfile) -> Result<(), StoreError> {
        let change = self.defaults.change(scope.tenant_id());
        let outcome = self.inner.insert(scope, profile).await;
        change.done().await;
        outcome
    }

    async fn find(&self, scope: &TenantScope, id: AiProfileId) -> Result<Option<AiProfile>, StoreError> {
        self.inner.find(scope, id).await
    }

    async fn find_default(&self, scope: &TenantScope) -> Result<Option<AiProfile>, StoreError> {
        self.defaults.read(&scope.tenant_id(), self.inner.find_default(scope)).await
    }

    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<AiProfile>, StoreError> {
        self.inner.list(scope, page).await
    }

    async fn save(&self, scope: &TenantScope, profile: &AiProfile, at: Timestamp) -> Result<(), StoreError> {
        let change = self.defaults.change(scope.tenant_id());
        let outcome = self.inner.save(scope, profile, at).await;
        change.done().await;
        outcome
    }
}
