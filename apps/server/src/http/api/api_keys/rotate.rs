//! `POST /api/v1/tenants/{tenant_id}/api-keys/{key_id}/rotate`

use actix_web::{HttpResponse, web::Data};
use chrono::TimeDelta;
use kernel::ApiKeyId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::create::NewApiKeyBody;
use crate::{
    http::{
        api::wire::{Problems, created},
        extract::{Admitted, ApiJson, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// For how long two keys work side by side.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateApiKey {
    /// For so many seconds the old key works on: 0 to 604800, which are seven days. An hour when left out.
    #[serde(default = "an_hour")]
    #[schema(minimum = 0, maximum = 604_800)]
    overlap_seconds: i64,
}

fn an_hour() -> i64 {
    3_600
}

/// Makes an API key that takes the place of another, with the same name and scopes, and shows it, this once.
///
/// # Errors
/// When there is no such key that works, the overlap is too long, the caller may not, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/api-keys/{key_id}/rotate",
    tag = "credentials",
    params(
        ("tenant_id" = Uuid, Path, description = "The tenant"),
        ("key_id" = Uuid, Path, description = "The key whose place is taken")
    ),
    request_body = RotateApiKey,
    responses((status = 201, description = "The new key, shown once", body = NewApiKeyBody), Problems)
)]
pub async fn rotate_api_key(
    services: Data<Services>,
    asked: Admitted<TenantPath, (PathId<ApiKeyId>, ApiJson<RotateApiKey>)>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), (PathId(old), ApiJson(input))) = asked;
    let overlap = TimeDelta::try_seconds(input.overlap_seconds).unwrap_or(TimeDelta::MAX);
    let minted = services.credentials.rotate_api_key(&scope, old, overlap).await?;
    let location = format!("/api/v1/tenants/{}/api-keys/{}", scope.tenant_id(), minted.credential.id);
    Ok(created(&location, NewApiKeyBody::from(minted)))
}
