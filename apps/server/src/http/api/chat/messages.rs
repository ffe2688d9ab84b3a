//! `GET /api/v1/chat/messages`

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use conversation::Message;
use kernel::Cursor;
use serde::Serialize;
use tenancy::Address;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PageQuery, Visitor, cursor_text},
        problem::{Code, Problem},
    },
    services::Services,
};

/// A message as its visitor sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChatMessageBody {
    /// The message's id.
    id: Uuid,
    /// Who wrote it: `contact`, `bot` or `human`.
    author: &'static str,
    /// What it says.
    text: String,
    /// When it was received or written.
    created_at: DateTime<Utc>,
}

impl From<Message> for ChatMessageBody {
    fn from(message: Message) -> Self {
        Self {
            id: message.id.uuid(),
            author: message.author.as_str(),
            text: message.body.text,
            created_at: message.created_at,
        }
    }
}

/// What has been said in a visitor's session.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChatMessagesBody {
    /// The messages, oldest first.
    items: Vec<ChatMessageBody>,
    /// What to pass as `cursor` for what is said after these; null while nothing was said.
    cursor: Option<String>,
}

/// Lists what has been said in a visitor's session, by a person too. With the last answer's `cursor` only what was said
/// since.
///
/// # Errors
/// When the page is none, the visitor shows no session, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/chat/messages",
    tag = "chat",
    params(PageQuery),
    responses((status = 200, description = "The messages", body = ChatMessagesBody), Problems)
)]
pub async fn list_chat_messages(
    services: Data<Services>,
    asked: Admitted<Visitor, PageQuery>,
) -> Result<Json<ChatMessagesBody>, Problem> {
    let Admitted(Visitor { scope, session }, PageQuery(page)) = asked;
    let session = session.ok_or_else(|| {
        Problem::new(Code::Forbidden, "open a session at /api/v1/chat/sessions and send its X-Visitor-Token")
    })?;
    let items = services.conversations.list_said(&scope, Address::Session(session), &page).await?;
    let last = items
        .last()
        .map(|message| Cursor { micros: message.created_at.timestamp_micros(), id: message.id.uuid() });
    Ok(Json(ChatMessagesBody {
        cursor: last.or(page.after()).map(cursor_text),
        items: items.into_iter().map(ChatMessageBody::from).collect(),
    }))
}
