//! `GET /api/v1/tenants/{tenant_id}/prompts/{prompt_id}/runs`

use actix_web::web::{Data, Json};
use kernel::PromptVersionId;

use crate::http::api::examples::ResultBody;
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::{Admitted, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Shows the latest result of each example on a version.
///
/// # Errors
/// When there is no such version for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/runs",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("prompt_id" = Uuid, Path, description = "The version")),
    responses((status = 200, description = "The latest results", body = ListBody<ResultBody>), Problems)
)]
pub async fn list_prompt_runs(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<PromptVersionId>>,
) -> Result<Json<ListBody<ResultBody>>, Problem> {
    let Admitted(TenantPath(scope), PathId(id)) = asked;
    let results = services.prompts.tries.results(&scope, id).await?;
    Ok(Json(ListBody::whole(results, ResultBody::from)))
}
