//! `POST /api/v1/tenants/{tenant_id}/prompts/{prompt_id}/test`

use actix_web::web::{Data, Json};
use kernel::PromptVersionId;
use prompt::{ExampleContent, ExampleLine, LineAuthor, PromptChannel};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::api::examples::{AnswerBody, LineBody};
use crate::{
    http::{
        api::wire::{Problems, one_of},
        extract::{Admitted, ApiJson, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// What is to be answered: a transcript, or a text alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestPrompt {
    /// The channel; the version's own if left out, and chat for a version for all channels.
    channel: Option<String>,
    /// What was said, oldest first; it ends with the contact.
    #[serde(default)]
    transcript: Vec<LineBody>,
    /// What the contact says, alone or after the transcript.
    text: Option<String>,
}

impl TestPrompt {
    fn lines(self) -> Result<Vec<ExampleLine>, Problem> {
        let lines = self.transcript.into_iter().map(LineBody::read);
        let mut lines = lines.collect::<Result<Vec<_>, _>>()?;
        lines.extend(self.text.map(|text| ExampleLine { author: LineAuthor::Contact, text }));
        let fits = |line: &ExampleLine| (1..=ExampleContent::MAX_LINE).contains(&line.text.chars().count());
        let ends_well = lines.last().is_some_and(|line| line.author == LineAuthor::Contact);
        if ends_well && lines.len() <= ExampleContent::MAX_LINES && lines.iter().all(fits) {
            return Ok(lines);
        }
        let (most, longest) = (ExampleContent::MAX_LINES, ExampleContent::MAX_LINE);
        let message =
            format!("give 1 to {most} lines of 1 to {longest} characters, the last of them the contact's");
        Err(Problem::invalid_field("transcript", message))
    }
}

/// Asks the model what it would answer if a version were in production. Nothing is kept, sent or done.
///
/// # Errors
/// When there is no such version for the caller, it is for another channel, a field is not usable, the model gives no
/// answer, the caller may not, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/test",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("prompt_id" = Uuid, Path, description = "The version")),
    request_body = TestPrompt,
    responses((status = 200, description = "What it would answer", body = AnswerBody), Problems)
)]
pub async fn test_prompt(
    services: Data<Services>,
    asked: Admitted<TenantPath, (PathId<PromptVersionId>, ApiJson<TestPrompt>)>,
) -> Result<Json<AnswerBody>, Problem> {
    let Admitted(TenantPath(scope), (PathId(id), ApiJson(input))) = asked;
    let channel = input.channel.as_deref();
    let channel = channel.map(|name| one_of("channel", name, PromptChannel::VALUES, PromptChannel::as_str));
    let (channel, lines) = (channel.transpose()?, input.lines()?);
    Ok(Json(services.prompts.tries.answer(&scope, id, channel, lines).await?.into()))
}
