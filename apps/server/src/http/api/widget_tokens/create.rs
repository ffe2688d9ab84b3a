//! `POST /api/v1/tenants/{tenant_id}/widget-tokens`

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tenancy::{Minted, WidgetToken};
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

/// Origins that one token may have.
const MOST_ORIGINS: usize = 50;

/// A widget token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWidgetToken {
    /// What it is for.
    name: String,
    /// Web origins that may use it, such as `https://example.com`: at least one, or `*` for every page.
    #[serde(default)]
    #[schema(required, min_items = 1)]
    allowed_origins: Vec<String>,
    /// When it stops working by itself, no later than the key that asks does; left out for as late as that, or never.
    expires_at: Option<DateTime<Utc>>,
}

/// A new widget token. The token itself is shown this once.
#[derive(Serialize, ToSchema)]
pub struct NewWidgetTokenBody {
    /// The token's id.
    id: Uuid,
    /// What it is for.
    name: String,
    /// The secret, to be sent in `X-Widget-Token`.
    token: String,
    /// Web origins that may use it; `*` for every page.
    allowed_origins: Vec<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it stops working by itself; null for never.
    expires_at: Option<DateTime<Utc>>,
}

impl From<Minted<WidgetToken>> for NewWidgetTokenBody {
    fn from(minted: Minted<WidgetToken>) -> Self {
        let Minted { credential, secret } = minted;
        Self {
            id: credential.id.uuid(),
            name: credential.name,
            token: secret.expose().to_owned(),
            allowed_origins: credential.allowed_origins,
            created_at: credential.created_at,
            expires_at: credential.expires_at,
        }
    }
}

/// Makes a widget token, shows it this once, and opens the tenant's web chat if it is the first.
///
/// # Errors
/// When a field is not usable, there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/widget-tokens",
    tag = "credentials",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = CreateWidgetToken,
    responses((status = 201, description = "The token, shown once", body = NewWidgetTokenBody), Problems)
)]
pub async fn create_widget_token(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiJson<CreateWidgetToken>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), ApiJson(input)) = asked;
    if input.allowed_origins.len() > MOST_ORIGINS {
        return Err(Problem::invalid_field("allowed_origins", format!("give at most {MOST_ORIGINS}")));
    }
    let (name, origins) = (&input.name, &input.allowed_origins);
    let minted = services.credentials.mint_widget_token(&scope, name, origins, input.expires_at).await?;
    let location = format!("/api/v1/tenants/{}/widget-tokens/{}", scope.tenant_id(), minted.credential.id);
    Ok(created(&location, NewWidgetTokenBody::from(minted)))
}
