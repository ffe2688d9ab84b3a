//! `GET /api/v1/admin/prompts`

use crate::http::api::prompts::PromptSummary;
use crate::{
    http::{
        api::wire::{ListBody, Problems, one_of},
        extract::{Admitted, ApiQuery, PageQuery, PlatformCaller},
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
pub struct BasePromptQuery {
    /// Only for this channel: `all`, `chat`, `sms`, `voice`, `whatsapp` or `email`.
    channel: Option<String>,
}

/// Lists the platform's versions, newest first, without what they say.
///
/// # Errors
/// When the channel or the page is none, the caller is not the operator, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/admin/prompts",
    tag = "prompts",
    params(BasePromptQuery, PageQuery),
    responses((status = 200, description = "A page of versions", body = ListBody<PromptSummary>), Problems)
)]
pub async fn list_base_prompts(
    services: Data<Services>,
    asked: Admitted<PlatformCaller, (ApiQuery<BasePromptQuery>, PageQuery)>,
) -> Result<Json<ListBody<PromptSummary>>, Problem> {
    let Admitted(PlatformCaller(platform), (ApiQuery(query), PageQuery(page))) = asked;
    let named = query.channel.filter(|name| !name.is_empty());
    let channel = named
        .map(|name| one_of("channel", &name, PromptChannel::VALUES, PromptChannel::as_str))
        .transpose()?;
    let versions = services.prompts.base.list(&platform, channel, &page).await?;
    Ok(Json(ListBody::of_page(versions, PromptSummary::from)))
}
