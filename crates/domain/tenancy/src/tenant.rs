//! A business on this installation.

use kernel::{TenantId, Timestamp};

use crate::error::TenancyError;

/// Whether a tenant is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TenantStatus {
    /// Served.
    Active,
    /// Messages are stored and not answered; the API says 403; nothing leaves.
    Suspended,
    /// Gone for callers; kept for the record.
    Deleted,
}

impl TenantStatus {
    /// Every status there is.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Deleted];

    /// Returns the name on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
        }
    }

    /// Reads a name on the wire or in a store.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// What a tenant pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Plan {
    /// The smallest, and what a tenant has unless told otherwise.
    #[default]
    Starter,
    /// The middle.
    Growth,
    /// By agreement.
    Custom,
}

impl Plan {
    /// Every plan there is.
    pub const ALL: [Self; 3] = [Self::Starter, Self::Growth, Self::Custom];

    /// Returns the name on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starter => "starter",
            Self::Growth => "growth",
            Self::Custom => "custom",
        }
    }

    /// Reads a name on the wire or in a store.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == name)
    }
}

/// A business on this installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    id: TenantId,
    name: String,
    status: TenantStatus,
    plan: Plan,
    created_at: Timestamp,
    version: i64,
}

impl Tenant {
    /// The longest name, in characters.
    pub const MAX_NAME: usize = 200;

    /// Makes an active tenant.
    ///
    /// # Errors
    /// When the name is empty, too long or holds control characters.
    pub fn create(id: TenantId, name: &str, plan: Plan, created_at: Timestamp) -> Result<Self, TenancyError> {
        let name = name.trim();
        let fits =
            !name.is_empty() && name.chars().count() <= Self::MAX_NAME && !name.chars().any(char::is_control);
        if !fits {
            return Err(TenancyError::Invalid {
                field: "name",
                message: format!("give a name of 1 to {} characters without line breaks", Self::MAX_NAME),
            });
        }
        Ok(Self { id, name: name.to_owned(), status: TenantStatus::Active, plan, created_at, version: 0 })
    }

    /// Rebuilds a tenant from what a store kept.
    pub fn from_stored(
        id: TenantId,
        name: String,
        (status, plan): (TenantStatus, Plan),
        created_at: Timestamp,
        version: i64,
    ) -> Self {
        Self { id, name, status, plan, created_at, version }
    }

    /// Changes whether the tenant is served. A deleted tenant stays deleted.
    ///
    /// # Errors
    /// When the tenant is deleted and the status is another one.
    pub fn set_status(&mut self, status: TenantStatus) -> Result<(), TenancyError> {
        if self.status == TenantStatus::Deleted && status != TenantStatus::Deleted {
            return Err(TenancyError::Invalid {
                field: "status",
                message: "a deleted tenant cannot come back; create a new one".into(),
            });
        }
        self.status = status;
        Ok(())
    }

    /// Changes the plan.
    pub fn set_plan(&mut self, plan: Plan) {
        self.plan = plan;
    }

    /// Returns the tenant's id.
    pub fn id(&self) -> TenantId {
        self.id
    }

    /// Returns the business's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the tenant is served.
    pub fn status(&self) -> TenantStatus {
        self.status
    }

    /// Returns the plan.
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// Returns when the tenant was made.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Returns the version that was read; a save of a stale one conflicts.
    pub fn version(&self) -> i64 {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> Tenant {
        Tenant::create(
            TenantId::new(uuid::Uuid::nil()),
            " Bristol Plumbing ",
            Plan::Starter,
            Timestamp::default(),
        )
        .unwrap()
    }

    #[test]
    fn a_new_tenant_is_active_and_its_name_is_trimmed() {
        assert_eq!(tenant().status(), TenantStatus::Active);
        assert_eq!(tenant().name(), "Bristol Plumbing");
    }

    #[test]
    fn a_deleted_tenant_stays_deleted() {
        let mut tenant = tenant();
        tenant.set_status(TenantStatus::Deleted).unwrap();
        assert!(tenant.set_status(TenantStatus::Active).is_err());
        assert_eq!(tenant.status(), TenantStatus::Deleted);
    }
}
