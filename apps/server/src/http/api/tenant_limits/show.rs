//! `GET /api/v1/tenants/{tenant_id}/limits`

use actix_web::web::{Data, Json};

use super::LimitsBody;
use crate::{
    http::{api::wire::Problems, extract::TenantPath, problem::Problem},
    services::Services,
};

/// Shows how much a tenant may use, and how it stands with that.
///
/// # Errors
/// When there is no such tenant for the caller, the caller may not, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/limits",
    tag = "usage",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    responses((status = 200, description = "The limits", body = LimitsBody), Problems)
)]
pub async fn show_limits(services: Data<Services>, caller: TenantPath) -> Result<Json<LimitsBody>, Problem> {
    let TenantPath(scope) = caller;
    Ok(Json((&services.usage.read.limits(&scope).await?).into()))
}
