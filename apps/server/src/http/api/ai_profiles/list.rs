//! `GET /api/v1/tenants/{tenant_id}/ai-profiles`

use actix_web::web::{Data, Json};

use super::AiProfileBody;
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::{Admitted, PageQuery, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Lists a tenant's AI profiles, oldest first.
///
/// # Errors
/// When the page is none, the caller may not, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/ai-profiles",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), PageQuery),
    responses((status = 200, description = "A page of AI profiles", body = ListBody<AiProfileBody>), Problems)
)]
pub async fn list_ai_profiles(
    services: Data<Services>,
    asked: Admitted<TenantPath, PageQuery>,
) -> Result<Json<ListBody<AiProfileBody>>, Problem> {
    let Admitted(TenantPath(scope), PageQuery(page)) = asked;
    let profiles = services.prompts.profiles.list(&scope, &page).await?;
    Ok(Json(ListBody::of_page(profiles, AiProfileBody::from)))
}
