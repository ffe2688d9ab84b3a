//! `GET /api/v1/tenants/{tenant_id}/profile`

use actix_web::web::{Data, Json};

use super::ProfileBody;
use crate::{
    http::{api::wire::Problems, extract::TenantPath, problem::Problem},
    services::Services,
};

/// Shows a tenant's business profile.
///
/// # Errors
/// When there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/profile",
    tag = "tenants",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    responses((status = 200, description = "The profile", body = ProfileBody), Problems)
)]
pub async fn get_profile(services: Data<Services>, caller: TenantPath) -> Result<Json<ProfileBody>, Problem> {
    let TenantPath(scope) = caller;
    let (_, profile) = services.tenants.profile(&scope).await?;
    Ok(Json(profile.into()))
}
