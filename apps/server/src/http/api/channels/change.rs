//! `PATCH /api/v1/tenants/{tenant_id}/channels/{channel_id}`

use actix_web::web::{Data, Json};
use kernel::BindingId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ChannelBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// What of a binding is to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeChannel {
    /// Whether messages are answered and sent. What is texted to a number that is off is stored, so that STOP counts;
    /// web chat that is off takes nothing in.
    is_active: bool,
}

/// Switches a tenant's address on or off.
///
/// # Errors
/// When a field is not usable, there is no such binding for the caller, or the store fails.
#[utoipa::path(
    patch,
    path = "/api/v1/tenants/{tenant_id}/channels/{channel_id}",
    tag = "channels",
    params(
        ("tenant_id" = Uuid, Path, description = "The tenant"),
        ("channel_id" = Uuid, Path, description = "The binding")
    ),
    request_body = ChangeChannel,
    responses((status = 200, description = "The binding as it is now", body = ChannelBody), Problems)
)]
pub async fn change_channel(
    services: Data<Services>,
    asked: Admitted<TenantPath, (PathId<BindingId>, ApiJson<ChangeChannel>)>,
) -> Result<Json<ChannelBody>, Problem> {
    let Admitted(TenantPath(scope), (PathId(id), ApiJson(input))) = asked;
    let binding = services.channels.set_active(&scope, id, input.is_active).await?;
    Ok(Json(binding.into()))
}
