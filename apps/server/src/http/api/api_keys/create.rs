//! `POST /api/v1/tenants/{tenant_id}/api-keys`

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tenancy::{ApiKey, KeyMode, Minted, NewApiKey, Permission, Permissions};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{
        api::wire::{Problems, created, one_of},
        extract::{Admitted, ApiJson, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// An API key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What it is for.
    name: String,
    /// `live` (the default) or `test`; it shows in the key's prefix.
    mode: Option<String>,
    /// What it may do, such as `conversations:read`; left out for all that you may give.
    #[schema(min_items = 1)]
    scopes: Option<Vec<String>>,
    /// When it stops working by itself, no later than the key that asks does; left out for as late as that, or never.
    expires_at: Option<DateTime<Utc>>,
}

/// A new API key. The key itself is shown this once.
#[derive(Serialize, ToSchema)]
pub struct NewApiKeyBody {
    /// The key's id.
    id: Uuid,
    /// What it is for.
    name: String,
    /// The secret, to be sent in `X-API-Key`.
    key: String,
    /// What it may do.
    scopes: Vec<&'static str>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it stops working by itself; null for never.
    expires_at: Option<DateTime<Utc>>,
}

impl From<Minted<ApiKey>> for NewApiKeyBody {
    fn from(minted: Minted<ApiKey>) -> Self {
        let Minted { credential, secret } = minted;
        Self {
            id: credential.id.uuid(),
            name: credential.name,
            key: secret.expose().to_owned(),
            scopes: credential.scopes.iter().map(Permission::as_str).collect(),
            created_at: credential.created_at,
            expires_at: credential.expires_at,
        }
    }
}

/// Makes an API key and shows it, this once.
///
/// # Errors
/// When a field is not usable, there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/api-keys",
    tag = "credentials",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = CreateApiKey,
    responses((status = 201, description = "The key, shown once", body = NewApiKeyBody), Problems)
)]
pub async fn create_api_key(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiJson<CreateApiKey>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), ApiJson(input)) = asked;
    let mode = match &input.mode {
        Some(name) => one_of("mode", name, &[KeyMode::Live, KeyMode::Test], mode_name)?,
        None => KeyMode::Live,
    };
    let scopes = input.scopes.as_deref().map(scopes).transpose()?;
    let new = NewApiKey { name: &input.name, mode, scopes, expires_at: input.expires_at };
    let minted = services.credentials.mint_api_key(&scope, new).await?;
    let location = format!("/api/v1/tenants/{}/api-keys/{}", scope.tenant_id(), minted.credential.id);
    Ok(created(&location, NewApiKeyBody::from(minted)))
}

fn scopes(names: &[String]) -> Result<Permissions, Problem> {
    Permissions::from_names(names.iter().map(String::as_str)).map_err(|unknown| {
        let (unknown, known) =
            (unknown.join(", "), Permissions::of_programs().iter().map(Permission::as_str));
        let known = known.collect::<Vec<_>>().join(", ");
        Problem::invalid_field("scopes", format!("there is no {unknown}; write some of {known}"))
    })
}

fn mode_name(mode: KeyMode) -> &'static str {
    match mode {
        KeyMode::Live => "live",
        KeyMode::Test => "test",
    }
}
