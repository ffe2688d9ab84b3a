//! `GET /api/v1/tenants/{tenant_id}/provider-accounts`

use actix_web::web::{Data, Json};

use super::ProviderAccountBody;
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::TenantPath,
        problem::Problem,
    },
    services::Services,
};

/// Lists a tenant's accounts at carriers, oldest first, without their tokens.
///
/// # Errors
/// When there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/provider-accounts",
    tag = "channels",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    responses((status = 200, description = "The accounts", body = ListBody<ProviderAccountBody>), Problems)
)]
pub async fn list_provider_accounts(
    services: Data<Services>,
    caller: TenantPath,
) -> Result<Json<ListBody<ProviderAccountBody>>, Problem> {
    let TenantPath(scope) = caller;
    let accounts = services.accounts.list(&scope).await?;
    Ok(Json(ListBody::whole(accounts, ProviderAccountBody::from)))
}
