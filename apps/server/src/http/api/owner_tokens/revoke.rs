//! `DELETE /api/v1/tenants/{tenant_id}/owner-tokens/{owner_token_id}`

use actix_web::{HttpResponse, web::Data};
use tenancy::KeyKind;

use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, OwnerTokenId, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Revokes an owner token at once.
///
/// # Errors
/// When there is no such token for the caller, or the store fails.
#[utoipa::path(
    delete,
    path = "/api/v1/tenants/{tenant_id}/owner-tokens/{owner_token_id}",
    tag = "credentials",
    params(
        ("tenant_id" = Uuid, Path, description = "The tenant"),
        ("owner_token_id" = Uuid, Path, description = "The token")
    ),
    responses((status = 204, description = "The token works no more"), Problems)
)]
pub async fn revoke_owner_token(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<OwnerTokenId>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), PathId(OwnerTokenId(token))) = asked;
    services.credentials.revoke_api_key(&scope, KeyKind::Owner, token).await?;
    Ok(HttpResponse::NoContent().finish())
}
