//! Feature flags, kept in the process while that is safe.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{StoreError, TenantId, Timestamp};
use tenancy::{FeatureFlag, FlagStore, Invalidations, TenantScope};

use crate::{Cache, CacheLimits};

const FAMILY: &str = "feature_flags";

/// What a tenant has set, with the tenant whose it is.
type Flags = (TenantId, Vec<(FeatureFlag, bool)>);

/// Keeps the flags of tenants that were read.
pub struct CachedFlagStore {
    inner: Arc<dyn FlagStore>,
    flags: Cache<TenantId, Flags>,
}

impl CachedFlagStore {
    /// Wraps a store.
    pub fn new(
        inner: Arc<dyn FlagStore>,
        invalidations: &Arc<dyn Invalidations>,
        limits: CacheLimits,
    ) -> Self {
        Self { inner, flags: Cache::new(invalidations, FAMILY, |(tenant, _): &Flags| *tenant, limits) }
    }
}

#[async_trait]
impl FlagStore for CachedFlagStore {
    async fn list(&self, scope: &TenantScope) -> Result<Vec<(FeatureFlag, bool)>, StoreError> {
        let tenant = scope.tenant_id();
        let read = async { Ok(Some((tenant, self.inner.list(scope).await?))) };
        let flags = self.flags.read(&tenant, read).await?;
        Ok(flags.map(|(_, flags)| flags).unwrap_or_default())
    }

    async fn set(
        &self,
        scope: &TenantScope,
        flag: FeatureFlag,
        value: bool,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let change = self.flags.change(scope.tenant_id());
        let outcome = self.inner.set(scope, flag, value, at).await;
        change.done().await;
        outcome
    }
}
