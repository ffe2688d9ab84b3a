//! `GET /api/v1/tenants/{tenant_id}/audit-log`

use actix_web::web::{Data, Json};

use super::{AuditEntryBody, AuditQuery};
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::{Admitted, ApiQuery, PageQuery, TenantHistory},
        problem::Problem,
    },
    services::Services,
};

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
    let lines = services.audit.list(&scope, &query.filter()?, &page).await?;
    Ok(Json(ListBody::of_page(lines, AuditEntryBody::from)))
}
