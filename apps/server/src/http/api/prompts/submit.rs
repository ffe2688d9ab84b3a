//! `POST /api/v1/tenants/{tenant_id}/prompts/{prompt_id}/submit`

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

/// Hands a draft over to be tried. What it says never changes again.
///
/// # Errors
/// When there is no such version for the caller, it is no draft, somebody was faster, the caller may not, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/submit",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("prompt_id" = Uuid, Path, description = "The version")),
    responses((status = 200, description = "The version as it is now", body = PromptBody), Problems)
)]
pub async fn submit_prompt(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<PromptVersionId>>,
) -> Result<Json<PromptBody>, Problem> {
    let Admitted(TenantPath(scope), PathId(id)) = asked;
    Ok(Json(services.prompts.versions.submit(&scope, id).await?.into()))
}
