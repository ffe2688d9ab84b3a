//! `GET /api/v1/tenants/{tenant_id}/channels`

use actix_web::web::{Data, Json};

use super::ChannelBody;
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::TenantPath,
        problem::Problem,
    },
    services::Services,
};

/// Lists a tenant's addresses, oldest first.
///
/// # Errors
/// When there is no such tenant for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/channels",
    tag = "channels",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    responses((status = 200, description = "The bindings", body = ListBody<ChannelBody>), Problems)
)]
pub async fn list_channels(
    services: Data<Services>,
    caller: TenantPath,
) -> Result<Json<ListBody<ChannelBody>>, Problem> {
    let TenantPath(scope) = caller;
    let bindings = services.channels.list(&scope).await?;
    Ok(Json(ListBody::whole(bindings, ChannelBody::from)))
}
