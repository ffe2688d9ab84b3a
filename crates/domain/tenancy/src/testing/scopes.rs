//! Scopes for tests, which verify no credential. Only builds with the feature `testing` have them.

use kernel::TenantId;

use crate::{PlatformScope, TenantScope};

/// Mints the right to platform work.
pub fn platform() -> PlatformScope {
    PlatformScope::mint()
}

/// Mints the right to one tenant's rows.
pub fn scope(tenant: TenantId) -> TenantScope {
    TenantScope::mint(tenant)
}
