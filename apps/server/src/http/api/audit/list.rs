//! `GET /api/v1/tenants/{tenant_id}/audit-log`

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tenancy::{AuditAction, AuditEntry, AuditFilter};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    http::{
        api::wire::{ListBody, Problems, one_of},
        extract::{Admitted, ApiQuery, PageQuery, TenantHistory},
        problem::Problem,
    },
    services::Services,
};

/// Which lines are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only this action, such as `api_key.created`.
    action: Option<String>,
    /// Only what was done to the resource with this id.
    resource_id: Option<String>,
}

/// A line of the audit log.
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
    action: &'static str,
    /// To what kind of thing.
    resource: &'static str,
    /// To which one; of a feature flag, its name.
    resource_id: String,
    /// What of it was changed, as in `role: staff -> owner` or `password`; null where the action says it.
    detail: Option<String>,
}

impl From<AuditEntry> for AuditEntryBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.uuid(),
            at: entry.at,
            actor: entry.actor,
            action: entry.action.as_str(),
            resource: entry.action.resource(),
            resource_id: entry.resource_id,
            detail: entry.detail.map(|detail| detail.as_str().to_owned()),
        }
    }
}

/// Lists who changed what, newest first. The operator reads it of a deleted tenant too.
///
/// # Errors
/// When the page or the action is none, the caller may not, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/audit-log",
    tag = "access",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), AuditQuery, PageQuery),
    responses((status = 200, description = "A page of lines", body = ListBody<AuditEntryBody>), Problems)
)]
pub async fn list_audit_log(
    services: Data<Services>,
    asked: Admitted<TenantHistory, (ApiQuery<AuditQuery>, PageQuery)>,
) -> Result<Json<ListBody<AuditEntryBody>>, Problem> {
    let Admitted(TenantHistory(scope), (ApiQuery(query), PageQuery(page))) = asked;
    let action = query.action.map(|name| one_of("action", &name, AuditAction::ALL, AuditAction::as_str));
    let filter = AuditFilter { action: action.transpose()?, resource_id: query.resource_id };
    let lines = services.audit.list(&scope, &filter, &page).await?;
    Ok(Json(ListBody::of_page(lines, AuditEntryBody::from)))
}
