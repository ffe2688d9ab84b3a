//! The proof that a caller may touch one tenant's rows, or the platform's. It cannot be made by hand.

use kernel::TenantId;

/// The right to one tenant's rows. Every tenant port method takes it first.
///
/// Its field is private and only [`Gate`](crate::Gate) and [`PlatformScope`] make one, so code that has
/// forgotten the scope does not compile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantScope {
    tenant: TenantId,
}

impl TenantScope {
    pub(crate) fn mint(tenant: TenantId) -> Self {
        Self { tenant }
    }

    /// Returns the tenant whose rows may be touched.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant
    }
}

/// The right to platform work: resolving credentials, claiming jobs, managing tenants.
#[derive(Clone, Debug)]
pub struct PlatformScope {
    _minted: (),
}

impl PlatformScope {
    pub(crate) fn mint() -> Self {
        Self { _minted: () }
    }

    /// Narrows platform work down to the tenant that the item at hand belongs to.
    pub fn tenant(&self, tenant: TenantId) -> TenantScope {
        TenantScope::mint(tenant)
    }
}
