//! `GET /api/v1/admin/prompts/{prompt_id}`

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

/// Shows a version of the platform.
///
/// # Errors
/// When the platform has no such version, the caller is not the operator, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/admin/prompts/{prompt_id}",
    tag = "prompts",
    params(("prompt_id" = Uuid, Path, description = "The version")),
    responses((status = 200, description = "The version", body = PromptBody), Problems)
)]
pub async fn get_base_prompt(
    services: Data<Services>,
    asked: Admitted<PlatformCaller, PathId<PromptVersionId>>,
) -> Result<Json<PromptBody>, Problem> {
    let Admitted(PlatformCaller(platform), PathId(id)) = asked;
    Ok(Json(services.prompts.base.get(&platform, id).await?.into()))
}
