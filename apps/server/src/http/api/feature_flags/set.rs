//! `PUT /api/v1/tenants/{tenant_id}/feature-flags/{flag}`

use actix_web::{
    HttpRequest,
    web::{Data, Json},
};
use serde::Deserialize;
use tenancy::FeatureFlag;
use utoipa::ToSchema;

use super::FlagBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// A flag's value to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetFlag {
    /// Whether it is on.
    enabled: bool,
}

/// Switches a feature flag on or off.
///
/// # Errors
/// When there is no such flag or tenant for the caller, the caller may not, or the store fails.
#[utoipa::path(
    put,
    path = "/api/v1/tenants/{tenant_id}/feature-flags/{flag}",
    tag = "tenants",
    params(
        ("tenant_id" = Uuid, Path, description = "The tenant"),
        ("flag" = String, Path, description = "`allow_ai_booking`, `enable_rag` or `require_human_review`")
    ),
    request_body = SetFlag,
    responses((status = 200, description = "The flag as it stands now", body = FlagBody), Problems)
)]
pub async fn set_feature_flag(
    services: Data<Services>,
    request: HttpRequest,
    asked: Admitted<TenantPath, ApiJson<SetFlag>>,
) -> Result<Json<FlagBody>, Problem> {
    let Admitted(TenantPath(scope), ApiJson(input)) = asked;
    let name = request.match_info().get("flag").unwrap_or_default();
    let flag = FeatureFlag::from_name(name).ok_or_else(|| Problem::not_found("feature flag"))?;
    Ok(Json(services.flags.set(&scope, flag, input.enabled).await?.into()))
}
