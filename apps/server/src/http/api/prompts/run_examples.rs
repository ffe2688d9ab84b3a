//! `POST /api/v1/tenants/{tenant_id}/prompts/{prompt_id}/runs`

use actix_web::web::{Data, Json};
use kernel::{ExampleId, PromptVersionId};
use prompt::RunMode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::api::examples::ResultBody;
use crate::{
    http::{
        api::wire::{ListBody, Problems, one_of},
        extract::{Admitted, ApiJson, PathId, TenantPath, read_cursor},
        problem::Problem,
    },
    services::Services,
};

/// How examples are tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunInput {
    /// `recorded`: an answer that was recorded for the same question counts. `fresh`: the model is asked each time.
    mode: String,
    /// Only this example; all that have to do with the version's channel if left out.
    example_id: Option<Uuid>,
    /// The `next_cursor` of the run before, to go on with the examples that it had no time for.
    cursor: Option<String>,
}

/// Tries examples on a version, and keeps what came of each. Where there are more than fit into one request, `next_cursor` is
/// for the next.
///
/// # Errors
/// When there is no such version for the caller, there is no such example for its channel, the caller may not, or the store
/// fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/runs",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("prompt_id" = Uuid, Path, description = "The version")),
    request_body = RunInput,
    responses((status = 200, description = "What came of each", body = ListBody<ResultBody>), Problems)
)]
pub async fn run_prompt_examples(
    services: Data<Services>,
    asked: Admitted<TenantPath, (PathId<PromptVersionId>, ApiJson<RunInput>)>,
) -> Result<Json<ListBody<ResultBody>>, Problem> {
    let Admitted(TenantPath(scope), (PathId(id), ApiJson(input))) = asked;
    let mode = one_of("mode", &input.mode, RunMode::VALUES, RunMode::as_str)?;
    let only = input.example_id.map(ExampleId::new);
    let after = input.cursor.as_deref().map(read_cursor).transpose()?;
    let results = services.prompts.tries.run(&scope, id, (only, after), mode).await?;
    Ok(Json(ListBody::of_page(results, ResultBody::from)))
}
