//! `GET /api/v1/tenants/{tenant_id}/prompts/{prompt_id}`

use super::PromptBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};
use actix_web::web::{Data, Json};
use kernel::PromptVersionId;

/// Shows a version.
///
/// # Errors
/// When there is no such version for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("prompt_id" = Uuid, Path, description = "The version")),
    responses((status = 200, description = "The version", body = PromptBody), Problems)
)]
pub async fn get_prompt(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<PromptVersionId>>,
) -> Result<Json<PromptBody>, Problem> {
    let Admitted(TenantPath(scope), PathId(id)) = asked;
    Ok(Json(services.prompts.versions.get(&scope, id).await?.into()))
}
