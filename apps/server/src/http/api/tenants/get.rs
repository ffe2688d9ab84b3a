//! `GET /api/v1/tenants/{tenant_id}`

use actix_web::web::{Data, Json};
use tenancy::Principal;

use super::TenantBody;
use crate::{
    http::{api::wire::Problems, extract::TenantRecord, problem::Problem},
    services::Services,
};

/// Shows a tenant. The operator sees deleted ones too; a tenant sees itself.
///
/// # Errors
/// When there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}",
    tag = "tenants",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    responses((status = 200, description = "The tenant", body = TenantBody), Problems)
)]
pub async fn get_tenant(services: Data<Services>, record: TenantRecord) -> Result<Json<TenantBody>, Problem> {
    let tenant = match &record.principal {
        Principal::Platform(platform) => services.tenants.get(platform, record.tenant).await?,
        Principal::Tenant(scope) => services.tenants.profile(scope).await?.0,
    };
    Ok(Json(tenant.into()))
}
