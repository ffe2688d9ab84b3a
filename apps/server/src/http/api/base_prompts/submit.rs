//! `POST /api/v1/admin/prompts/{prompt_id}/submit`

use crate::http::api::prompts::PromptBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, PlatformCaller},
        problem::Problem,
    },
    services::Services,
};
use actix_web::web::{Data, Json};
use kernel::PromptVersionId;

/// Hands a draft of the platform over to be tried.
///
/// # Errors
/// When the platform has no such version, it is no draft, somebody was faster, the caller is not the operator, or
/// the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/admin/prompts/{prompt_id}/submit",
    tag = "prompts",
    params(("prompt_id" = Uuid, Path, description = "The version")),
    responses((status = 200, description = "The version as it is now", body = PromptBody), Problems)
)]
pub async fn submit_base_prompt(
    services: Data<Services>,
    asked: Admitted<PlatformCaller, PathId<PromptVersionId>>,
) -> Result<Json<PromptBody>, Problem> {
    let Admitted(PlatformCaller(platform), PathId(id)) = asked;
    let version = services.prompts.base.submit(&platform, id).await?;
    Ok(Json(version.into()))
}
