//! `POST /api/v1/tenants/{tenant_id}/prompts/{prompt_id}/compose`

use actix_web::web::{Data, Json};
use kernel::PromptVersionId;
use prompt::{Composed, ContactFacts, Origin, PromptChannel};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{
        api::wire::{Problems, one_of},
        extract::{Admitted, ApiJson, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// For whom a prompt is put together.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComposePromptInput {
    /// The channel; the version's own if left out, and chat for a version for all channels.
    channel: Option<String>,
    /// What is known of the contact.
    #[serde(default)]
    contact: ContactInput,
}

/// What is known of a contact.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactInput {
    /// What the contact is called.
    name: Option<String>,
    /// The language that the contact speaks, as a BCP 47 tag.
    language: Option<String>,
}

/// What a model is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComposedBody {
    /// The whole text.
    text: String,
    /// About how many tokens it has.
    tokens: usize,
    /// The parts, in order.
    parts: Vec<PartBody>,
    /// What had no room.
    dropped: Vec<OriginBody>,
}

/// A part of what a model is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartBody {
    /// Where it comes from.
    origin: OriginBody,
    /// The text, with the facts filled in.
    text: String,
}

/// Where a part comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct OriginBody {
    /// `base` or `tenant` for a section; `ai_profile`, `business_profile`, `channel_suffix`, `knowledge`, `contact`, `tools` or
    /// `guard`.
    kind: &'static str,
    /// The section's key.
    key: Option<String>,
    /// The id of the version.
    version_id: Option<Uuid>,
    /// The number of the version.
    version_number: Option<u32>,
}

impl From<&Origin> for OriginBody {
    fn from(origin: &Origin) -> Self {
        Self {
            kind: origin.kind(),
            key: origin.section_key().map(str::to_owned),
            version_id: origin.version().map(|version| version.id.uuid()),
            version_number: origin.version().map(|version| version.number),
        }
    }
}

impl From<Composed> for ComposedBody {
    fn from(composed: Composed) -> Self {
        let part =
            |part: &prompt::Part| PartBody { origin: (&part.origin).into(), text: part.text.to_string() };
        Self {
            text: composed.text(),
            tokens: composed.tokens(),
            parts: composed.parts().iter().map(part).collect(),
            dropped: composed.dropped().iter().map(OriginBody::from).collect(),
        }
    }
}

/// Shows what the model would be told if a version were in production, and where each part comes from.
///
/// # Errors
/// When there is no such version for the caller, it is for another channel, a text cannot be filled in, the caller may not,
/// or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/compose",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("prompt_id" = Uuid, Path, description = "The version")),
    request_body = ComposePromptInput,
    responses((status = 200, description = "What the model would be told", body = ComposedBody), Problems)
)]
pub async fn compose_prompt(
    services: Data<Services>,
    asked: Admitted<TenantPath, (PathId<PromptVersionId>, ApiJson<ComposePromptInput>)>,
) -> Result<Json<ComposedBody>, Problem> {
    let Admitted(TenantPath(scope), (PathId(id), ApiJson(input))) = asked;
    let channel =
        input.channel.map(|name| one_of("channel", &name, PromptChannel::VALUES, PromptChannel::as_str));
    let contact = ContactFacts { name: input.contact.name, language: input.contact.language };
    let (prepared, _) = services.prompts.tries.compose(&scope, id, channel.transpose()?, &contact).await?;
    Ok(Json(prepared.composed.into()))
}
