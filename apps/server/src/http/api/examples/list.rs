//! `GET /api/v1/tenants/{tenant_id}/examples`

use actix_web::web::{Data, Json};

use super::ExampleBody;
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::{Admitted, PageQuery, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Lists a tenant's examples, oldest first.
///
/// # Errors
/// When the page is none, the caller may not, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/examples",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), PageQuery),
    responses((status = 200, description = "A page of examples", body = ListBody<ExampleBody>), Problems)
)]
pub async fn list_examples(
    services: Data<Services>,
    asked: Admitted<TenantPath, PageQuery>,
) -> Result<Json<ListBody<ExampleBody>>, Problem> {
    let Admitted(TenantPath(scope), PageQuery(page)) = asked;
    let examples = services.prompts.examples.list(&scope, &page).await?;
    Ok(Json(ListBody::of_page(examples, ExampleBody::from)))
}
