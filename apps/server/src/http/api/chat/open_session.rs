//! `POST /api/v1/chat/sessions`

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{api::wire::Problems, extract::Visitor, problem::Problem},
    services::Services,
};

/// A visitor's session.
#[derive(Serialize, ToSchema)]
pub struct ChatSessionBody {
    /// The secret, to be sent in `X-Visitor-Token`: only who has it reads the session's messages.
    visitor_token: String,
    /// The session, as the visitor's conversation has it.
    session_id: String,
    /// When the token stops working.
    expires_at: DateTime<Utc>,
}

/// Opens a session for a visitor, for a day.
///
/// # Errors
/// When the token does not let the page in, or the token cannot be signed.
#[utoipa::path(
    post,
    path = "/api/v1/chat/sessions",
    tag = "chat",
    responses((status = 201, description = "The session", body = ChatSessionBody), Problems)
)]
pub async fn open_chat_session(services: Data<Services>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let session = services.visitors.open(&visitor.scope)?;
    Ok(HttpResponse::Created().json(ChatSessionBody {
        visitor_token: session.token.expose().to_owned(),
        session_id: session.visitor,
        expires_at: session.expires_at,
    }))
}
