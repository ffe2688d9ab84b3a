//! `POST /api/v1/tenants/{tenant_id}/prompts`

use super::{DraftPrompt, PromptBody};
use crate::{
    http::{
        api::wire::{Problems, created, one_of},
        extract::{Admitted, ApiJson, TenantPath},
        problem::Problem,
    },
    services::Services,
};
use actix_web::{HttpResponse, web::Data};
use kernel::PromptVersionId;
use prompt::{DraftContent, PromptChannel, RawSection};

/// Makes a draft, of words or of a version.
///
/// # Errors
/// When a text is not usable, there is no such version for the caller, the caller may not, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/prompts",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = DraftPrompt,
    responses((status = 201, description = "The draft", body = PromptBody), Problems)
)]
pub async fn draft_prompt(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiJson<DraftPrompt>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), ApiJson(input)) = asked;
    let version = if let Some(from) = input.from {
        services.prompts.versions.draft_from(&scope, PromptVersionId::new(from)).await?
    } else {
        let channel = input.channel.as_deref().unwrap_or_default();
        let channel = one_of("channel", channel, PromptChannel::VALUES, PromptChannel::as_str)?;
        let sections = input.sections.into_iter().map(RawSection::from).collect();
        let content = DraftContent { sections, suffix: input.suffix, note: input.note };
        services.prompts.versions.draft(&scope, channel, content).await?
    };
    let location = format!("/api/v1/tenants/{}/prompts/{}", scope.tenant_id(), version.id());
    Ok(created(&location, PromptBody::from(version)))
}
