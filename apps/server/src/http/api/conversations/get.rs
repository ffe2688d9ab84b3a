//! `GET /api/v1/conversations/{conversation_id}`

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

/// Shows a conversation.
///
/// # Errors
/// When there is no such conversation for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{conversation_id}",
    tag = "conversations",
    params(("conversation_id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "The conversation", body = ConversationBody), Problems)
)]
pub async fn get_conversation(
    services: Data<Services>,
    asked: Admitted<TenantCaller, PathId<ConversationId>>,
) -> Result<Json<ConversationBody>, Problem> {
    let Admitted(TenantCaller(scope), PathId(id)) = asked;
    Ok(Json(services.conversations.get(&scope, id).await?.into()))
}
