//! `GET /api/v1/tenants/{tenant_id}/examples/{example_id}`

use super::ExampleBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};
use actix_web::web::{Data, Json};
use kernel::ExampleId;

/// Shows an example.
///
/// # Errors
/// When there is no such example for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/examples/{example_id}",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("example_id" = Uuid, Path, description = "The example")),
    responses((status = 200, description = "The example", body = ExampleBody), Problems)
)]
pub async fn get_example(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<ExampleId>>,
) -> Result<Json<ExampleBody>, Problem> {
    let Admitted(TenantPath(scope), PathId(id)) = asked;
    Ok(Json(services.prompts.examples.get(&scope, id).await?.into()))
}
