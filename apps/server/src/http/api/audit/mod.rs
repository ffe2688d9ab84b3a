//! Who changed what of a tenant's, and of what is no tenant's.

pub mod list;
pub mod list_platform;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tenancy::{AuditAction, AuditEntry, AuditFilter};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::{api::wire::one_of, problem::Problem};

/// Which lines are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only this action, such as `api_key.created`.
    action: Option<String>,
    /// Only what was done to the resource with this id.
    resource_id: Option<String>,
}

impl AuditQuery {
    /// Reads which lines are asked for.
    fn filter(self) -> Result<AuditFilter, Problem> {
        let is_said = |text: &String| !text.is_empty();
        let action = self.action.filter(is_said);
        let action = action.map(|name| one_of("action", &name, AuditAction::ALL, AuditAction::as_str));
        Ok(AuditFilter { action: action.transpose()?, resource_id: self.resource_id.filter(is_said) })
    }
}

/// A line of an audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntryBody {
    /// The line's id.
    id: Uuid,
    /// When it was done.
    at: DateTime<Utc>,
    /// Who did it: `member:…`, `api_key:…`, `owner_token:…`, `trusted_caller`, `operator:key`, `operator:session` or
    /// `operator:token:…`.
    actor: String,
    /// What was done, such as `api_key.created`.
    action: String,
    /// To what kind of thing.
    resource: String,
    /// To which one; of a feature flag, its name.
    resource_id: String,
    /// What of it was changed, as in `role: staff -> owner` or `password`; null where the action says it.
    detail: Option<String>,
}

impl From<AuditEntry> for AuditEntryBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            resource: entry.resource().to_owned(),
            id: entry.id.uuid(),
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            resource_id: entry.resource_id,
            detail: entry.detail.map(|detail| detail.as_str().to_owned()),
        }
    }
}
