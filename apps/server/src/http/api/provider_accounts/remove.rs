//! `DELETE /api/v1/tenants/{tenant_id}/provider-accounts/{account_id}`

use actix_web::{HttpResponse, web::Data};
use kernel::ProviderAccountId;

use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Removes a tenant's account at a carrier; its webhooks are refused from then on.
///
/// # Errors
/// When there is no such account for the caller, or the store fails.
#[utoipa::path(
    delete,
    path = "/api/v1/tenants/{tenant_id}/provider-accounts/{account_id}",
    tag = "channels",
    params(
        ("tenant_id" = Uuid, Path, description = "The tenant"),
        ("account_id" = Uuid, Path, description = "The account")
    ),
    responses((status = 204, description = "The account is gone"), Problems)
)]
pub async fn remove_provider_account(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<ProviderAccountId>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), PathId(id)) = asked;
    let account = services.accounts.list(&scope).await?.into_iter().find(|account| account.id == id);
    services.accounts.remove(&scope, id).await?;
    if let Some(account) = account {
        services.twilio.forget(&account.account_sid);
    }
    Ok(HttpResponse::NoContent().finish())
}
