//! `POST /api/v1/tenants/{tenant_id}/prompts/{prompt_id}/roll-back`

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

/// Brings a retired version back into production.
///
/// # Errors
/// When there is no such version for the caller, it is not retired, somebody was faster, the caller may not, or the
/// store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/roll-back",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("prompt_id" = Uuid, Path, description = "The version")),
    responses((status = 200, description = "The version as it is now", body = PromptBody), Problems)
)]
pub async fn roll_back_prompt(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<PromptVersionId>>,
) -> Result<Json<PromptBody>, Problem> {
    let Admitted(TenantPath(scope), PathId(id)) = asked;
    Ok(Json(services.prompts.versions.roll_back(&scope, id).await?.into()))
}
