//! `POST /api/v1/tenants/{tenant_id}/examples/from-conversation`

use super::{ExampleBody, ExpectationBody, expectations, weight};
use crate::{
    http::{
        api::wire::{Problems, created},
        extract::{Admitted, ApiJson, TenantPath},
        problem::Problem,
    },
    services::Services,
};
use actix_web::{HttpResponse, web::Data};
use kernel::ConversationId;
use prompt::{ExampleSource, RawExample};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which conversation becomes an example.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FromConversation {
    /// The conversation.
    conversation_id: Uuid,
    /// What the example is called.
    name: String,
    /// What the answer must be like.
    #[schema(min_items = 1, max_items = 20)]
    expectations: Vec<ExpectationBody>,
    /// `blocking` (the default) or `informing`.
    weight: Option<String>,
}

/// Makes an example of what was said in a conversation, up to the contact's last words. What names a person is taken out.
///
/// # Errors
/// When there is no such conversation for the caller, a field is not usable, there are too many, the caller may not, or the
/// store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/examples/from-conversation",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = FromConversation,
    responses((status = 201, description = "The example", body = ExampleBody), Problems)
)]
pub async fn create_example_from_conversation(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiJson<FromConversation>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), ApiJson(input)) = asked;
    let (expectations, weight) = (expectations(&input.expectations)?, weight(input.weight.as_deref())?);
    let id = ConversationId::new(input.conversation_id);
    let said = services.prompts.tries.said(&scope, id).await?;
    let raw = RawExample {
        name: input.name,
        channel: said.channel,
        transcript: said.transcript,
        expectations,
        weight,
        source: ExampleSource::Conversation(id),
    };
    let example = services.prompts.examples.create(&scope, raw, &said.names).await?;
    let location = format!("/api/v1/tenants/{}/examples/{}", scope.tenant_id(), example.id);
    Ok(created(&location, ExampleBody::from(example)))
}
