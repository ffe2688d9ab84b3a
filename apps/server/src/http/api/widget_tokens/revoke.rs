//! `DELETE /api/v1/tenants/{tenant_id}/widget-tokens/{token_id}`

use actix_web::{HttpResponse, web::Data};
use kernel::WidgetTokenId;

use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Revokes a widget token at once.
///
/// # Errors
/// When there is no such token for the caller, or the store fails.
#[utoipa::path(
    delete,
    path = "/api/v1/tenants/{tenant_id}/widget-tokens/{token_id}",
    tag = "credentials",
    params(
        ("tenant_id" = Uuid, Path, description = "The tenant"),
        ("token_id" = Uuid, Path, description = "The token")
    ),
    responses((status = 204, description = "The token works no more"), Problems)
)]
pub async fn revoke_widget_token(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<WidgetTokenId>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), PathId(token)) = asked;
    services.credentials.revoke_widget_token(&scope, token).await?;
    Ok(HttpResponse::NoContent().finish())
}
