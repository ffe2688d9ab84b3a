//! `GET /api/v1/conversations/{conversation_id}/refused-sends`

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use conversation::RefusedSend;
use kernel::ConversationId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::{Admitted, PageQuery, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// A message that was not sent, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedSendBody {
    /// The record's id.
    id: Uuid,
    /// Why: `opted_out`, `tenant_suspended`, `person_took_over`, `conversation_closed`, `channel_inactive`,
    /// `unreplyable_address`, `loop_guard`, `link_not_allowed`, `instructions_leaked` or `plan_limit`.
    reason: &'static str,
    /// What it would have said; empty when it was refused before anything was written.
    text: String,
    /// The message, where it had been written before it was refused.
    message_id: Option<Uuid>,
    /// When it was refused.
    created_at: DateTime<Utc>,
}

impl From<RefusedSend> for RefusedSendBody {
    fn from(refused: RefusedSend) -> Self {
        Self {
            id: refused.id.uuid(),
            reason: refused.reason.as_str(),
            text: refused.text,
            message_id: refused.message_id.map(kernel::MessageId::uuid),
            created_at: refused.at,
        }
    }
}

/// Lists what was not sent in a conversation and why, oldest first.
///
/// # Errors
/// When the page is none, there is no such conversation for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{conversation_id}/refused-sends",
    tag = "conversations",
    params(("conversation_id" = Uuid, Path, description = "The conversation"), PageQuery),
    responses((status = 200, description = "A page of refusals", body = ListBody<RefusedSendBody>), Problems)
)]
pub async fn list_refused_sends(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (PathId<ConversationId>, PageQuery)>,
) -> Result<Json<ListBody<RefusedSendBody>>, Problem> {
    let Admitted(TenantCaller(scope), (PathId(id), PageQuery(page))) = asked;
    let refused = services.conversations.list_refused_sends(&scope, id, &page).await?;
    Ok(Json(ListBody::of_page(refused, RefusedSendBody::from)))
}
