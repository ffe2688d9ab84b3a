//! `DELETE /api/v1/tenants/{tenant_id}/examples/{example_id}`

use actix_web::{HttpResponse, web::Data};
use kernel::ExampleId;

use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Removes an example with its results.
///
/// # Errors
/// When there is no such example for the caller, the caller may not, or the store fails.
#[utoipa::path(
    delete,
    path = "/api/v1/tenants/{tenant_id}/examples/{example_id}",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("example_id" = Uuid, Path, description = "The example")),
    responses((status = 204, description = "It is gone"), Problems)
)]
pub async fn remove_example(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<ExampleId>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), PathId(id)) = asked;
    services.prompts.examples.remove(&scope, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
