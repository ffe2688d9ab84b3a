//! `PUT /api/v1/tenants/{tenant_id}/examples/{example_id}`

use super::{ExampleBody, ExampleInput};
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};
use actix_web::web::{Data, Json};
use kernel::ExampleId;

/// Replaces what an example says. Its results do not count any more, and where it comes from stays.
///
/// # Errors
/// When there is no such example for the caller, a field is not usable, somebody was faster, the caller may not, or the
/// store fails.
#[utoipa::path(
    put,
    path = "/api/v1/tenants/{tenant_id}/examples/{example_id}",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("example_id" = Uuid, Path, description = "The example")),
    request_body = ExampleInput,
    responses((status = 200, description = "The example as it is now", body = ExampleBody), Problems)
)]
pub async fn put_example(
    services: Data<Services>,
    asked: Admitted<TenantPath, (PathId<ExampleId>, ApiJson<ExampleInput>)>,
) -> Result<Json<ExampleBody>, Problem> {
    let Admitted(TenantPath(scope), (PathId(id), ApiJson(input))) = asked;
    let before = services.prompts.examples.get(&scope, id).await?;
    let names = services.prompts.tries.names_of(&scope, &before).await?;
    Ok(Json(services.prompts.examples.change(&scope, id, input.read()?, &names).await?.into()))
}
