//! `GET /api/v1/tenants/{tenant_id}/prompts`

use super::PromptSummary;
use crate::{
    http::{
        api::wire::{ListBody, Problems, one_of},
        extract::{Admitted, ApiQuery, PageQuery, TenantPath},
        problem::Problem,
    },
    services::Services,
};
use actix_web::web::{Data, Json};
use prompt::PromptChannel;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which versions are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PromptQuery {
    /// Only for this channel: `all`, `chat`, `sms`, `voice`, `whatsapp` or `email`.
    channel: Option<String>,
}

/// Lists a tenant's versions, newest first, without what they say.
///
/// # Errors
/// When the channel or the page is none, the caller may not, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/prompts",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), PromptQuery, PageQuery),
    responses((status = 200, description = "A page of versions", body = ListBody<PromptSummary>), Problems)
)]
pub async fn list_prompts(
    services: Data<Services>,
    asked: Admitted<TenantPath, (ApiQuery<PromptQuery>, PageQuery)>,
) -> Result<Json<ListBody<PromptSummary>>, Problem> {
    let Admitted(TenantPath(scope), (ApiQuery(query), PageQuery(page))) = asked;
    let named = query.channel.filter(|name| !name.is_empty());
    let channel = named
        .map(|name| one_of("channel", &name, PromptChannel::VALUES, PromptChannel::as_str))
        .transpose()?;
    let versions = services.prompts.versions.list(&scope, channel, &page).await?;
    Ok(Json(ListBody::of_page(versions, PromptSummary::from)))
}
