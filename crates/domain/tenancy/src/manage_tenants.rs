//! Creating and changing tenants and their business profiles.

use std::sync::Arc;

use kernel::{Clock, IdGenerator, Page, PageRequest, StoreError, TenantId};

use crate::{
    BusinessProfile, Plan, PlatformScope, TenancyError, Tenant, TenantScope, TenantStatus, TenantStore,
};

/// What of a tenant may be changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct TenantPatch {
    /// The new status, if any.
    pub status: Option<TenantStatus>,
    /// The new plan, if any.
    pub plan: Option<Plan>,
}

/// Creates and changes tenants and their business profiles.
pub struct ManageTenants {
    store: Arc<dyn TenantStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ManageTenants {
    /// How often a change that conflicts is tried again from what stands then.
    const MOST_CONFLICTS: usize = 10;

    /// Makes the use case.
    pub fn new(store: Arc<dyn TenantStore>, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { store, clock, ids }
    }

    /// Creates an active tenant with a profile.
    ///
    /// # Errors
    /// When the name is not usable, or the store fails.
    pub async fn create(
        &self,
        platform: &PlatformScope,
        name: &str,
        plan: Plan,
        profile: &BusinessProfile,
    ) -> Result<Tenant, TenancyError> {
        let tenant = Tenant::create(TenantId::new(self.ids.next()), name, plan, self.clock.now())?;
        self.store.insert(platform, &tenant, profile).await?;
        Ok(tenant)
    }

    /// Returns a tenant.
    ///
    /// # Errors
    /// When there is none, or the store fails.
    pub async fn get(&self, platform: &PlatformScope, id: TenantId) -> Result<Tenant, TenancyError> {
        self.store.find(platform, id).await?.ok_or(TenancyError::NotFound { what: "tenant" })
    }

    /// Returns a page of tenants, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(
        &self,
        platform: &PlatformScope,
        page: &PageRequest,
    ) -> Result<Page<Tenant>, TenancyError> {
        Ok(self.store.list(platform, page).await?)
    }

    /// Changes a tenant's status and plan.
    ///
    /// # Errors
    /// When there is no such tenant, the change is not allowed, or the store fails.
    pub async fn change(
        &self,
        platform: &PlatformScope,
        id: TenantId,
        patch: TenantPatch,
    ) -> Result<Tenant, TenancyError> {
        for _ in 0..Self::MOST_CONFLICTS {
            let mut tenant = self.get(platform, id).await?;
            if let Some(status) = patch.status {
                tenant.set_status(status)?;
            }
            if let Some(plan) = patch.plan {
                tenant.set_plan(plan);
            }
            match self.store.save(platform, &tenant, self.clock.now()).await {
                Ok(()) => return Ok(tenant),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Returns the scope's tenant and its profile.
    ///
    /// # Errors
    /// When the tenant is gone, or the store fails.
    pub async fn profile(&self, scope: &TenantScope) -> Result<(Tenant, BusinessProfile), TenancyError> {
        self.store.find_profile(scope).await?.ok_or(TenancyError::NotFound { what: "tenant" })
    }

    /// Replaces the scope's profile.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn save_profile(
        &self,
        scope: &TenantScope,
        profile: &BusinessProfile,
    ) -> Result<(), TenancyError> {
        Ok(self.store.save_profile(scope, profile, self.clock.now()).await?)
    }
}
