//! The people who work for a tenant.

pub mod add;
pub mod change;
pub mod get;
pub mod list;
pub mod set_password;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tenancy::Member;
use utoipa::ToSchema;
use uuid::Uuid;

/// A member.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberBody {
    /// The member's id.
    id: Uuid,
    /// Whom the member works for.
    tenant_id: Uuid,
    /// The address to sign in with.
    email: String,
    /// What the member is called.
    name: String,
    /// `owner`, `admin`, `staff` or `viewer`.
    role: &'static str,
    /// `active` or `disabled`.
    status: &'static str,
    /// When the member was added.
    created_at: DateTime<Utc>,
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        Self {
            id: member.id.uuid(),
            tenant_id: member.tenant_id.uuid(),
            email: member.email.as_str().to_owned(),
            name: member.name,
            role: member.role.as_str(),
            status: member.status.as_str(),
            created_at: member.created_at,
        }
    }
}
