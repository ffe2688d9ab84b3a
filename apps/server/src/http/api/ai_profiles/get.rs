//! `GET /api/v1/tenants/{tenant_id}/ai-profiles/{profile_id}`

use super::AiProfileBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};
use actix_web::web::{Data, Json};
use kernel::AiProfileId;

/// Shows an AI profile.
///
/// # Errors
/// When there is no such profile for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/ai-profiles/{profile_id}",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("profile_id" = Uuid, Path, description = "The AI profile")),
    responses((status = 200, description = "The AI profile", body = AiProfileBody), Problems)
)]
pub async fn get_ai_profile(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<AiProfileId>>,
) -> Result<Json<AiProfileBody>, Problem> {
    let Admitted(TenantPath(scope), PathId(id)) = asked;
    Ok(Json(services.prompts.profiles.get(&scope, id).await?.into()))
}
