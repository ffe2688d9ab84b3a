//! `GET /api/v1/tenants/{tenant_id}/api-keys`

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tenancy::{ApiKey, KeyKind, Permission};
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

/// An API key or owner token, without the secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKeyBody {
    /// The key's id.
    id: Uuid,
    /// What it is for.
    name: String,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// What it may do.
    scopes: Vec<&'static str>,
    /// When it stops working by itself; null for never.
    expires_at: Option<DateTime<Utc>>,
    /// When it was revoked; null while it was not.
    revoked_at: Option<DateTime<Utc>>,
}

impl From<ApiKey> for ApiKeyBody {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.uuid(),
            name: key.name,
            created_at: key.created_at,
            scopes: key.scopes.iter().map(Permission::as_str).collect(),
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// Lists a tenant's API keys, oldest first, revoked ones too.
///
/// # Errors
/// When there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/api-keys",
    tag = "credentials",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    responses((status = 200, description = "The keys", body = ListBody<ApiKeyBody>), Problems)
)]
pub async fn list_api_keys(
    services: Data<Services>,
    caller: TenantPath,
) -> Result<Json<ListBody<ApiKeyBody>>, Problem> {
    let TenantPath(scope) = caller;
    let keys = services.credentials.list_api_keys(&scope, KeyKind::Program).await?;
    Ok(Json(ListBody::whole(keys, ApiKeyBody::from)))
}
