//! `POST /api/v1/tenants/{tenant_id}/owner-tokens`

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tenancy::{ApiKey, Minted};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{
        api::wire::{Problems, created},
        extract::{Admitted, ApiJson, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// An owner token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOwnerToken {
    /// What it is for.
    name: String,
    /// When it stops working by itself, no later than the key that asks does; left out for as late as that, or never.
    expires_at: Option<DateTime<Utc>>,
}

/// A new owner token. The token itself is shown this once.
#[derive(Serialize, ToSchema)]
pub struct NewOwnerTokenBody {
    /// The token's id.
    id: Uuid,
    /// What it is for.
    name: String,
    /// The secret, to be sent in `X-Owner-Token`.
    token: String,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it stops working by itself; null for never.
    expires_at: Option<DateTime<Utc>>,
}

impl From<Minted<ApiKey>> for NewOwnerTokenBody {
    fn from(minted: Minted<ApiKey>) -> Self {
        let Minted { credential, secret } = minted;
        Self {
            id: credential.id.uuid(),
            name: credential.name,
            token: secret.expose().to_owned(),
            created_at: credential.created_at,
            expires_at: credential.expires_at,
        }
    }
}

/// Makes an owner token, which may look at everything of the tenant and change nothing, and shows it, this once.
///
/// # Errors
/// When a field is not usable, there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/owner-tokens",
    tag = "credentials",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = CreateOwnerToken,
    responses((status = 201, description = "The token, shown once", body = NewOwnerTokenBody), Problems)
)]
pub async fn create_owner_token(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiJson<CreateOwnerToken>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), ApiJson(input)) = asked;
    let minted = services.credentials.mint_owner_token(&scope, &input.name, input.expires_at).await?;
    let location = format!("/api/v1/tenants/{}/owner-tokens/{}", scope.tenant_id(), minted.credential.id);
    Ok(created(&location, NewOwnerTokenBody::from(minted)))
}
