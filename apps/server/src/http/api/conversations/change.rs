//! `POST /api/v1/conversations/{conversation_id}/close`, `reopen`, `pause`, `resume`: one verb each, each safe to
//! repeat.

use actix_web::web::{Data, Json};
use kernel::ConversationId;

use super::ConversationBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

type Asked = Admitted<TenantCaller, PathId<ConversationId>>;

/// Ends a conversation; the contact's next message opens a new one.
///
/// # Errors
/// When there is no such conversation for the caller, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{conversation_id}/close",
    tag = "conversations",
    params(("conversation_id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "The conversation as it is now", body = ConversationBody), Problems)
)]
pub async fn close_conversation(
    services: Data<Services>,
    asked: Asked,
) -> Result<Json<ConversationBody>, Problem> {
    let Admitted(TenantCaller(scope), PathId(id)) = asked;
    Ok(Json(services.conversations.close(&scope, id).await?.into()))
}

/// Takes a conversation up again, with the bot.
///
/// # Errors
/// When there is no such conversation for the caller, another with the same contact address is open, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{conversation_id}/reopen",
    tag = "conversations",
    params(("conversation_id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "The conversation as it is now", body = ConversationBody), Problems)
)]
pub async fn reopen_conversation(
    services: Data<Services>,
    asked: Asked,
) -> Result<Json<ConversationBody>, Problem> {
    let Admitted(TenantCaller(scope), PathId(id)) = asked;
    Ok(Json(services.conversations.reopen(&scope, id).await?.into()))
}

/// Silences the bot in a conversation.
///
/// # Errors
/// When there is no such conversation for the caller, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{conversation_id}/pause",
    tag = "conversations",
    params(("conversation_id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "The conversation as it is now", body = ConversationBody), Problems)
)]
pub async fn pause_conversation(
    services: Data<Services>,
    asked: Asked,
) -> Result<Json<ConversationBody>, Problem> {
    let Admitted(TenantCaller(scope), PathId(id)) = asked;
    Ok(Json(services.conversations.pause(&scope, id).await?.into()))
}

/// Lets the bot answer again, from the next message on.
///
/// # Errors
/// When there is no such conversation for the caller, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/{conversation_id}/resume",
    tag = "conversations",
    params(("conversation_id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "The conversation as it is now", body = ConversationBody), Problems)
)]
pub async fn resume_conversation(
    services: Data<Services>,
    asked: Asked,
) -> Result<Json<ConversationBody>, Problem> {
    let Admitted(TenantCaller(scope), PathId(id)) = asked;
    Ok(Json(services.conversations.resume(&scope, id).await?.into()))
}
