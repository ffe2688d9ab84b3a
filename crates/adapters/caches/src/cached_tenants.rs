//! Tenants and profiles, kept in the process while that is safe.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Page, PageRequest, StoreError, TenantId, Timestamp};
use tenancy::{BusinessProfile, Invalidations, PlatformScope, Tenant, TenantScope, TenantStore};

use crate::{Cache, CacheLimits};

const FAMILY: &str = "tenants";

/// Keeps single tenants and profiles that were read; lists are always read anew.
pub struct CachedTenantStore {
    inner: Arc<dyn TenantStore>,
    tenants: Cache<TenantId, Tenant>,
    profiles: Cache<TenantId, (Tenant, BusinessProfile)>,
}

impl CachedTenantStore {
    /// Wraps a store.
    pub fn new(
        inner: Arc<dyn TenantStore>,
        invalidations: &Arc<dyn Invalidations>,
        limits: CacheLimits,
    ) -> Self {
        let tenants = Cache::new(invalidations, FAMILY, Tenant::id, limits);
        let profiles = Cache::new(invalidations, FAMILY, |(tenant, _): &(Tenant, _)| tenant.id(), limits);
        Self { inner, tenants, profiles }
    }
}

#[async_trait]
impl TenantStore for CachedTenantStore {
    async fn insert(
        &self,
        platform: &PlatformScope,
        tenant: &Tenant,
        profile: &BusinessProfile,
    ) -> Result<(), StoreError> {
        let change = self.tenants.change(tenant.id());
        let outcome = self.inner.insert(platform, tenant, profile).await;
        change.done().await;
        outcome
    }

    async fn find(&self, platform: &PlatformScope, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.tenants.read(&id, self.inner.find(platform, id)).await
    }

    async fn list(&self, platform: &PlatformScope, page: &PageRequest) -> Result<Page<Tenant>, StoreError> {
        self.inner.list(platform, page).await
    }

    async fn save(&self, platform: &PlatformScope, tenant: &Tenant, at: Timestamp) -> Result<(), StoreError> {
        let change = self.tenants.change(tenant.id());
        let outcome = self.inner.save(platform, tenant, at).await;
        change.done().await;
        outcome
    }

    async fn find_profile(
        &self,
        scope: &TenantScope,
    ) -> Result<Option<(Tenant, BusinessProfile)>, StoreError> {
        self.profiles.read(&scope.tenant_id(), self.inner.find_profile(scope)).await
    }

    async fn save_profile(
        &self,
        scope: &TenantScope,
        profile: &BusinessProfile,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let change = self.profiles.change(scope.tenant_id());
        let outcome = self.inner.save_profile(scope, profile, at).await;
        change.done().await;
        outcome
    }
}
