//! One idempotency store with what its contract needs of tenancy's: two tenants.

use std::{any::Any, sync::Arc};

use kernel::TenantId;
use tenancy::{
    PlatformScope, TenantScope,
    testing::{platform, scope},
};
use uuid::Uuid;

use crate::{IdempotencyStore, testing::MemoryIdempotencyStore};

/// One idempotency store, fresh for one test.
pub struct LimitsStores {
    /// Remembers requests. No other test may purge it meanwhile.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// The right to the operator's own requests, and to purge.
    pub platform: PlatformScope,
    /// A tenant that the store knows.
    pub tenant: TenantScope,
    /// Another.
    pub other: TenantScope,
    /// What must live as long as the store, such as a folder that is removed when dropped.
    pub keep: Box<dyn Any + Send>,
}

impl LimitsStores {
    /// Makes a set of fakes.
    pub fn memory() -> Self {
        Self {
            idempotency: Arc::new(MemoryIdempotencyStore::default()),
            platform: platform(),
            tenant: scope(TenantId::new(Uuid::from_u128(1))),
            other: scope(TenantId::new(Uuid::from_u128(2))),
            keep: Box::new(()),
        }
    }
}
