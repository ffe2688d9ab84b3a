//! `PUT /api/v1/tenants/{tenant_id}/profile`

use actix_web::web::{Data, Json};
use tenancy::BusinessProfile;

use super::ProfileBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Replaces a tenant's business profile. What is left out takes its default.
///
/// # Errors
/// When a field is not usable, there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    put,
    path = "/api/v1/tenants/{tenant_id}/profile",
    tag = "tenants",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = ProfileBody,
    responses((status = 200, description = "The profile as it is now", body = ProfileBody), Problems)
)]
pub async fn put_profile(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiJson<ProfileBody>>,
) -> Result<Json<ProfileBody>, Problem> {
    let Admitted(TenantPath(scope), ApiJson(body)) = asked;
    let profile = BusinessProfile::try_from(body)?;
    services.tenants.save_profile(&scope, &profile).await?;
    Ok(Json(profile.into()))
}
