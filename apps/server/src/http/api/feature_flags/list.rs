//! `GET /api/v1/tenants/{tenant_id}/feature-flags`

use actix_web::web::{Data, Json};

use super::FlagBody;
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::TenantPath,
        problem::Problem,
    },
    services::Services,
};

/// Lists every feature flag as it stands for a tenant.
///
/// # Errors
/// When there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/feature-flags",
    tag = "tenants",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    responses((status = 200, description = "The flags", body = ListBody<FlagBody>), Problems)
)]
pub async fn list_feature_flags(
    services: Data<Services>,
    caller: TenantPath,
) -> Result<Json<ListBody<FlagBody>>, Problem> {
    let TenantPath(scope) = caller;
    let flags = services.flags.list(&scope).await?;
    Ok(Json(ListBody::whole(flags, FlagBody::from)))
}
