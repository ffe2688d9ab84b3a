//! `POST /api/v1/tenants/{tenant_id}/examples`

use actix_web::{HttpResponse, web::Data};

use super::{ExampleBody, ExampleInput};
use crate::{
    http::{
        api::wire::{Problems, created},
        extract::{Admitted, ApiJson, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Makes an example.
///
/// # Errors
/// When a field is not usable, there are too many, the caller may not, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/examples",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = ExampleInput,
    responses((status = 201, description = "The example", body = ExampleBody), Problems)
)]
pub async fn create_example(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiJson<ExampleInput>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), ApiJson(input)) = asked;
    let example = services.prompts.examples.create(&scope, input.read()?, &[]).await?;
    let location = format!("/api/v1/tenants/{}/examples/{}", scope.tenant_id(), example.id);
    Ok(created(&location, ExampleBody::from(example)))
}
