//! `GET /api/v1/admin/audit-log`

use actix_web::web::{Data, Json};

use super::{AuditEntryBody, AuditQuery};
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::{Admitted, ApiQuery, PageQuery, PlatformCaller},
        problem::Problem,
    },
    services::Services,
};

/// Lists who changed what of the things that are no tenant's, newest first.
///
/// # Errors
/// When the page or the action is none, the caller is not the operator, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/admin/audit-log",
    tag = "access",
    params(AuditQuery, PageQuery),
    responses((status = 200, description = "A page of lines", body = ListBody<AuditEntryBody>), Problems)
)]
pub async fn list_platform_audit_log(
    services: Data<Services>,
    asked: Admitted<PlatformCaller, (ApiQuery<AuditQuery>, PageQuery)>,
) -> Result<Json<ListBody<AuditEntryBody>>, Problem> {
    let Admitted(PlatformCaller(platform), (ApiQuery(query), PageQuery(page))) = asked;
    let lines = services.audit.list_platform(&platform, &query.filter()?, &page).await?;
    Ok(Json(ListBody::of_page(lines, AuditEntryBody::from)))
}
