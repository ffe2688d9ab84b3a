//! Tenants, as the operator manages them.

pub mod change;
pub mod create;
pub mod get;
pub mod list;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tenancy::Tenant;
use utoipa::ToSchema;
use uuid::Uuid;

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantBody {
    /// The tenant's id.
    id: Uuid,
    /// The business's name.
    name: String,
    /// `active`, `suspended` or `deleted`.
    status: &'static str,
    /// `starter`, `growth` or `custom`.
    plan: &'static str,
    /// When the tenant was made.
    created_at: DateTime<Utc>,
}

impl From<Tenant> for TenantBody {
    fn from(tenant: Tenant) -> Self {
        Self {
            id: tenant.id().uuid(),
            name: tenant.name().to_owned(),
            status: tenant.status().as_str(),
            plan: tenant.plan().as_str(),
            created_at: tenant.created_at(),
        }
    }
}
