//! `POST /api/v1/admin/prompts`

use crate::http::api::prompts::{DraftPrompt, PromptBody};
use crate::{
    http::{
        api::wire::{Problems, created, one_of},
        extract::{Admitted, ApiJson, PlatformCaller},
        problem::Problem,
    },
    services::Services,
};
use actix_web::{HttpResponse, web::Data};
use kernel::PromptVersionId;
use prompt::{DraftContent, PromptChannel, RawSection};

/// Makes a draft of the platform, of words or of a version of it.
///
/// # Errors
/// When a text is not usable, there is no such version, the caller is not the operator, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/admin/prompts",
    tag = "prompts",
    request_body = DraftPrompt,
    responses((status = 201, description = "The draft", body = PromptBody), Problems)
)]
pub async fn draft_base_prompt(
    services: Data<Services>,
    asked: Admitted<PlatformCaller, ApiJson<DraftPrompt>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(PlatformCaller(platform), ApiJson(input)) = asked;
    let version = if let Some(from) = input.from {
        services.prompts.base.draft_from(&platform, PromptVersionId::new(from)).await?
    } else {
        let channel = input.channel.as_deref().unwrap_or_default();
        let channel = one_of("channel", channel, PromptChannel::VALUES, PromptChannel::as_str)?;
        let sections = input.sections.into_iter().map(RawSection::from).collect();
        let content = DraftContent { sections, suffix: input.suffix, note: input.note };
        services.prompts.base.draft(&platform, channel, content).await?
    };
    let location = format!("/api/v1/admin/prompts/{}", version.id());
    Ok(created(&location, PromptBody::from(version)))
}
