//! `POST /api/v1/tenants/{tenant_id}/provider-accounts`

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use tenancy::{Provider, SecretText};
use utoipa::ToSchema;

use super::ProviderAccountBody;
use crate::{
    http::{
        api::wire::{Problems, created, one_of},
        extract::{Admitted, ApiJson, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// An account at a carrier to be stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddProviderAccount {
    /// The carrier: `twilio`.
    provider: String,
    /// The account's id at the carrier.
    account_sid: String,
    /// The token that signs webhooks and authenticates requests. It is stored sealed and never shown again.
    auth_token: String,
}

/// Stores a tenant's account at a carrier.
///
/// # Errors
/// When a field is not usable, the account is taken, there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/provider-accounts",
    tag = "channels",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = AddProviderAccount,
    responses((status = 201, description = "The account, without its token", body = ProviderAccountBody), Problems)
)]
pub async fn add_provider_account(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiJson<AddProviderAccount>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), ApiJson(input)) = asked;
    let provider = one_of("provider", &input.provider, &[Provider::Twilio], Provider::as_str)?;
    let token = SecretText::new(input.auth_token);
    let account = services.accounts.add(&scope, provider, &input.account_sid, token).await?;
    let location = format!("/api/v1/tenants/{}/provider-accounts/{}", scope.tenant_id(), account.id);
    Ok(created(&location, ProviderAccountBody::from(account)))
}
