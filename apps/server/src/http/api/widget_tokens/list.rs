//! `GET /api/v1/tenants/{tenant_id}/widget-tokens`

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tenancy::WidgetToken;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::TenantPath,
        problem::Problem,
    },
    services::Services,
};

/// A widget token, without the secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct WidgetTokenBody {
    /// The token's id.
    id: Uuid,
    /// What it is for.
    name: String,
    /// Web origins that may use it; `*` for every page.
    allowed_origins: Vec<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it stops working by itself; null for never.
    expires_at: Option<DateTime<Utc>>,
    /// When it was revoked; null while it was not.
    revoked_at: Option<DateTime<Utc>>,
}

impl From<WidgetToken> for WidgetTokenBody {
    fn from(token: WidgetToken) -> Self {
        Self {
            id: token.id.uuid(),
            name: token.name,
            allowed_origins: token.allowed_origins,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
        }
    }
}

/// Lists a tenant's widget tokens, oldest first, revoked ones too.
///
/// # Errors
/// When there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/widget-tokens",
    tag = "credentials",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    responses((status = 200, description = "The tokens", body = ListBody<WidgetTokenBody>), Problems)
)]
pub async fn list_widget_tokens(
    services: Data<Services>,
    caller: TenantPath,
) -> Result<Json<ListBody<WidgetTokenBody>>, Problem> {
    let TenantPath(scope) = caller;
    let tokens = services.credentials.list_widget_tokens(&scope).await?;
    Ok(Json(ListBody::whole(tokens, WidgetTokenBody::from)))
}
