//! The proof that a caller may touch one tenant's rows, or the platform's. It cannot be made by hand.

use kernel::TenantId;

use crate::{AccessError, Actor, Permission};

/// The right to one tenant's rows, and who has it. Every tenant port method takes it first.
///
/// Its fields are private and only [`Gate`](crate::Gate) and [`PlatformScope`] make one, so code that has
/// forgotten the scope does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantScope {
    tenant: TenantId,
    actor: Actor,
}

impl TenantScope {
    pub(crate) fn mint(tenant: TenantId, actor: Actor) -> Self {
        Self { tenant, actor }
    }

    /// Returns the tenant whose rows may be touched.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant
    }

    /// Returns who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Makes sure that the actor may do something.
    ///
    /// # Errors
    /// [`AccessError::Lacks`] when not.
    pub fn require(&self, permission: Permission) -> Result<(), AccessError> {
        if self.actor.permissions().contains(permission) {
            Ok(())
        } else {
            Err(AccessError::Lacks(permission))
        }
    }
}

/// The right to platform work: resolving credentials, claiming jobs, managing tenants.
#[derive(Clone, Debug)]
pub struct PlatformScope {
    actor: Actor,
}

impl PlatformScope {
    pub(crate) fn mint(actor: Actor) -> Self {
        Self { actor }
    }

    /// Returns who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Narrows platform work down to the tenant that the item at hand belongs to.
    pub fn tenant(&self, tenant: TenantId) -> TenantScope {
        TenantScope::mint(tenant, self.actor.clone())
    }
}
