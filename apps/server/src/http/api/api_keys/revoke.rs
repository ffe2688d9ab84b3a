//! `DELETE /api/v1/tenants/{tenant_id}/api-keys/{key_id}`

use actix_web::{HttpResponse, web::Data};
use kernel::ApiKeyId;
use tenancy::KeyKind;

use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Revokes an API key at once.
///
/// # Errors
/// When there is no such key for the caller, or the store fails.
#[utoipa::path(
    delete,
    path = "/api/v1/tenants/{tenant_id}/api-keys/{key_id}",
    tag = "credentials",
    params(
        ("tenant_id" = Uuid, Path, description = "The tenant"),
        ("key_id" = Uuid, Path, description = "The key")
    ),
    responses((status = 204, description = "The key works no more"), Problems)
)]
pub async fn revoke_api_key(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<ApiKeyId>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), PathId(key)) = asked;
    services.credentials.revoke_api_key(&scope, KeyKind::Program, key).await?;
    Ok(HttpResponse::NoContent().finish())
}
