//! `GET /api/v1/tenants/{tenant_id}/owner-tokens`

use actix_web::web::{Data, Json};
use tenancy::KeyKind;

use crate::{
    http::{
        api::{
            api_keys::list::ApiKeyBody,
            wire::{ListBody, Problems},
        },
        extract::TenantPath,
        problem::Problem,
    },
    services::Services,
};

/// Lists a tenant's owner tokens, oldest first, revoked ones too.
///
/// # Errors
/// When there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/owner-tokens",
    tag = "credentials",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    responses((status = 200, description = "The tokens", body = ListBody<ApiKeyBody>), Problems)
)]
pub async fn list_owner_tokens(
    services: Data<Services>,
    caller: TenantPath,
) -> Result<Json<ListBody<ApiKeyBody>>, Problem> {
    let TenantPath(scope) = caller;
    let tokens = services.credentials.list_api_keys(&scope, KeyKind::Owner).await?;
    Ok(Json(ListBody::whole(tokens, ApiKeyBody::from)))
}
