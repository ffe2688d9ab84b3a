//! `GET /api/v1/admin/prompts/{prompt_id}/diff`

use crate::http::api::prompts::diff::{Against, DiffBody, DiffQuery};
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiQuery, PathId, PlatformCaller},
        problem::Problem,
    },
    services::Services,
};
use actix_web::web::{Data, Json};
use kernel::PromptVersionId;

/// Shows what is different in a version of the platform, compared with another of its versions.
///
/// # Errors
/// When the platform has no such version, `against` names none of its versions, the caller is not the operator, or the
/// store fails.
#[utoipa::path(
    get,
    path = "/api/v1/admin/prompts/{prompt_id}/diff",
    tag = "prompts",
    params(("prompt_id" = Uuid, Path, description = "The version"), DiffQuery),
    responses((status = 200, description = "What is different", body = DiffBody), Problems)
)]
pub async fn diff_base_prompt(
    services: Data<Services>,
    asked: Admitted<PlatformCaller, (PathId<PromptVersionId>, ApiQuery<DiffQuery>)>,
) -> Result<Json<DiffBody>, Problem> {
    let Admitted(PlatformCaller(platform), (PathId(id), ApiQuery(query))) = asked;
    let base = &services.prompts.base;
    // An id in the path that is nobody's answers first, as it does for a tenant's.
    let version = base.get(&platform, id).await?;
    let before = match query.against()? {
        Against::Number(number) => base.numbered(&platform, version.channel(), number).await?,
        Against::Id(other) => other,
    };
    Ok(Json(base.diff(&platform, before, id).await?.into()))
}
