//! `GET /api/v1/conversations/{conversation_id}/messages`

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use conversation::{Attachment, Message};
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

/// One message.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageBody {
    /// The message's id.
    id: Uuid,
    /// `inbound` or `outbound`.
    direction: &'static str,
    /// Who wrote it: `contact`, `bot` or `human`.
    author: &'static str,
    /// What it says; empty when there are only attachments.
    text: String,
    /// Pictures and files.
    attachments: Vec<AttachmentBody>,
    /// How far it has come: `received`, `queued`, `unknown`, `sent`, `delivered`, `undelivered`, `failed`, `read`
    /// or `refused`.
    delivery_state: &'static str,
    /// The carrier's id; null until there is one.
    provider_message_id: Option<String>,
    /// Why it is `failed` or `undelivered`: the carrier's code, as `30003`, or a word of ours. `no_account`: no account at the
    /// carrier sends for the business. `carrier_unreachable`: the carrier was asked eight times. `never_accepted`: three
    /// attempts broke off, and the carrier has none of them. `channel_not_served`: nothing carries messages of this channel.
    /// `http_…`: the carrier refused with this status. Otherwise null.
    error_code: Option<String>,
    /// When it was received or written.
    created_at: DateTime<Utc>,
}

/// A picture or file, by reference.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentBody {
    /// Where the carrier keeps it.
    url: String,
    /// Its media type as the carrier names it.
    content_type: String,
}

impl From<Attachment> for AttachmentBody {
    fn from(attachment: Attachment) -> Self {
        Self { url: attachment.url, content_type: attachment.content_type }
    }
}

impl From<Message> for MessageBody {
    fn from(message: Message) -> Self {
        Self {
            id: message.id.uuid(),
            direction: message.direction.as_str(),
            author: message.author.as_str(),
            text: message.body.text,
            attachments: message.body.attachments.into_iter().map(AttachmentBody::from).collect(),
            delivery_state: message.delivery_state.as_str(),
            provider_message_id: message.provider_message_id,
            error_code: message.error_code,
            created_at: message.created_at,
        }
    }
}

/// Lists a conversation's messages, oldest first.
///
/// # Errors
/// When the page is none, there is no such conversation for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{conversation_id}/messages",
    tag = "conversations",
    params(("conversation_id" = Uuid, Path, description = "The conversation"), PageQuery),
    responses((status = 200, description = "A page of messages", body = ListBody<MessageBody>), Problems)
)]
pub async fn list_messages(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (PathId<ConversationId>, PageQuery)>,
) -> Result<Json<ListBody<MessageBody>>, Problem> {
    let Admitted(TenantCaller(scope), (PathId(id), PageQuery(page))) = asked;
    let messages = services.conversations.list_messages(&scope, id, &page).await?;
    Ok(Json(ListBody::of_page(messages, MessageBody::from)))
}
