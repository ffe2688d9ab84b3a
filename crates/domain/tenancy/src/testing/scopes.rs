//! Scopes for tests, which verify no credential. Only builds with the feature `testing` have them.

use kernel::TenantId;

use crate::{Actor, OperatorAccess, PlatformScope, TenantScope};

/// Mints the right to platform work, for the server itself.
pub fn platform() -> PlatformScope {
    PlatformScope::mint(Actor::System)
}

/// Mints the right to platform work, for the operator.
pub fn operator() -> PlatformScope {
    PlatformScope::mint(Actor::Operator(OperatorAccess::Key))
}

/// Mints the right to one tenant's rows, for the server itself.
pub fn scope(tenant: TenantId) -> TenantScope {
    TenantScope::mint(tenant, Actor::System)
}

/// Mints the right to one tenant's rows, for somebody.
pub fn scope_of(tenant: TenantId, actor: Actor) -> TenantScope {
    TenantScope::mint(tenant, actor)
}
