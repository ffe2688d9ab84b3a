//! `PATCH /api/v1/admin/prompts/{prompt_id}`

use crate::http::api::prompts::{ChangePrompt, PromptBody};
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, PlatformCaller},
        problem::Problem,
    },
    services::Services,
};
use actix_web::web::{Data, Json};
use kernel::PromptVersionId;

/// Changes what a draft of the platform says.
///
/// # Errors
/// When the platform has no such version, it is no draft or has changed since, a text is not usable, the caller is not the
/// operator, or the store fails.
#[utoipa::path(
    patch,
    path = "/api/v1/admin/prompts/{prompt_id}",
    tag = "prompts",
    params(("prompt_id" = Uuid, Path, description = "The version")),
    request_body = ChangePrompt,
    responses((status = 200, description = "The draft as it is now", body = PromptBody), Problems)
)]
pub async fn change_base_prompt(
    services: Data<Services>,
    asked: Admitted<PlatformCaller, (PathId<PromptVersionId>, ApiJson<ChangePrompt>)>,
) -> Result<Json<PromptBody>, Problem> {
    let Admitted(PlatformCaller(platform), (PathId(id), ApiJson(input))) = asked;
    let version = services.prompts.base.get(&platform, id).await?;
    let (read, content) = (input.revision, input.content(&version));
    let version = services.prompts.base.edit(&platform, id, read, content).await?;
    Ok(Json(version.into()))
}
