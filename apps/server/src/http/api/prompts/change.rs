//! `PATCH /api/v1/tenants/{tenant_id}/prompts/{prompt_id}`

use super::{ChangePrompt, PromptBody};
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};
use actix_web::web::{Data, Json};
use kernel::PromptVersionId;

/// Changes what a draft says. From the moment it is submitted nothing of it changes any more.
///
/// # Errors
/// When there is no such version for the caller, it is no draft or has changed since, a text is not usable, the caller may
/// not, or the store fails.
#[utoipa::path(
    patch,
    path = "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("prompt_id" = Uuid, Path, description = "The version")),
    request_body = ChangePrompt,
    responses((status = 200, description = "The draft as it is now", body = PromptBody), Problems)
)]
pub async fn change_prompt(
    services: Data<Services>,
    asked: Admitted<TenantPath, (PathId<PromptVersionId>, ApiJson<ChangePrompt>)>,
) -> Result<Json<PromptBody>, Problem> {
    let Admitted(TenantPath(scope), (PathId(id), ApiJson(input))) = asked;
    let version = services.prompts.versions.get(&scope, id).await?;
    let (read, content) = (input.revision, input.content(&version));
    Ok(Json(services.prompts.versions.edit(&scope, id, read, content).await?.into()))
}
