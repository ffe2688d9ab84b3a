//! `POST /api/v1/conversations/{conversation_id}/messages`

use actix_web::{HttpResponse, web::Data};
use kernel::ConversationId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::messages::MessageBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// A person's answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerInPerson {
    /// What it says.
    text: String,
}

/// A person's answer as it was written.
#[derive(Debug, Serialize, ToSchema)]
pub struct WrittenAnswerBody {
    /// The message.
    #[serde(flatten)]
    first: MessageBody,
    /// The messages that carry the rest, where one could not carry all of the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    more: Vec<MessageBody>,
}

/// Answers in person. The person takes the conversation over in the same moment; the bot falls silent.
///
/// # Errors
/// When the text is not usable, the conversation is closed, there is none for the caller, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{conversation_id}/messages",
    tag = "conversations",
    params(("conversation_id" = Uuid, Path, description = "The conversation")),
    request_body = AnswerInPerson,
    responses((status = 201, description = "The message", body = WrittenAnswerBody), Problems)
)]
pub async fn answer_in_person(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (PathId<ConversationId>, ApiJson<AnswerInPerson>)>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantCaller(scope), (PathId(id), ApiJson(input))) = asked;
    let written = services.conversations.answer_in_person(&scope, id, &input.text).await?;
    let mut written = written.into_iter().map(MessageBody::from);
    let first = written.next().ok_or_else(|| Problem::internal("an answer wrote no message"))?;
    Ok(HttpResponse::Created().json(WrittenAnswerBody { first, more: written.collect() }))
}
