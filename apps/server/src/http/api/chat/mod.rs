//! `POST /api/v1/chat`: a visitor of a tenant's web page writes and is answered. Below it, sessions and what was said.

pub mod messages;
pub mod open_session;

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderMap, HeaderName, HeaderValue, ORIGIN,
        VARY,
    },
    middleware::Next,
    web::{Data, Json},
};
use serde::{Deserialize, Serialize};
use tenancy::{Address, OpenVisitorSession};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, Visitor},
        idempotency::RequestName,
        middleware::name_conversation,
        problem::{Code, Problem},
    },
    services::Services,
};

/// What a visitor says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChatMessage {
    /// The visitor's session, made up by the page and kept by it: the same one finds its conversation again. It does not
    /// begin with `v-`. To be left out with `X-Visitor-Token`, which names the session that was opened.
    session_id: Option<String>,
    /// What is said.
    text: String,
}

/// What a visitor reads.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChatReplyBody {
    /// The conversation.
    conversation_id: Uuid,
    /// The reply; null when a person will answer, or the visitor wants no answers.
    reply_text: Option<String>,
}

/// Takes a visitor's message in and answers it.
///
/// # Errors
/// When a field is not usable, the token does not let the page in or into the session, the answer does not come in
/// time, or a store fails.
#[utoipa::path(
    post,
    path = "/api/v1/chat",
    tag = "chat",
    request_body = ChatMessage,
    responses((status = 200, description = "The reply", body = ChatReplyBody), Problems)
)]
pub async fn chat(
    services: Data<Services>,
    request: HttpRequest,
    asked: Admitted<Visitor, ApiJson<ChatMessage>>,
) -> Result<Json<ChatReplyBody>, Problem> {
    let Admitted(Visitor { scope, session }, ApiJson(input)) = asked;
    let session = session_of(session, input.session_id)?;
    let name = request.extensions().get::<RequestName>().map(|RequestName(name)| name.clone());
    let answer = services.chat.answer(&scope, session, input.text, name).await?;
    name_conversation(answer.conversation_id);
    let metrics = &services.operations.metrics.metrics;
    metrics.message_taken_in(&scope);
    if let Some(turn) = &answer.turn {
        metrics.chat_answered(&scope, turn, answer.reply_text.is_some());
    }
    Ok(Json(ChatReplyBody { conversation_id: answer.conversation_id.uuid(), reply_text: answer.reply_text }))
}

/// The session that was opened for the visitor counts; without one, the page's own. Every visitor of a page has its
/// token, which therefore lets nobody into a session that was opened for one of them.
fn session_of(opened: Option<String>, named: Option<String>) -> Result<Address, Problem> {
    let is_shown = opened.is_some();
    let session = match (opened, named) {
        (Some(opened), Some(named)) if opened != named => {
            let message = "leave it out: X-Visitor-Token names the session";
            return Err(Problem::invalid_field("session_id", message));
        }
        (Some(session), _) | (None, Some(session)) => session,
        (None, None) => {
            let message = "write the session's id, or send its X-Visitor-Token";
            return Err(Problem::invalid_field("session_id", message));
        }
    };
    let session = Address::from_session(&session).ok_or_else(|| {
        let message = format!("write 1 to {} characters without line breaks", Address::MAX_LENGTH);
        Problem::invalid_field("session_id", message)
    })?;
    if !is_shown && OpenVisitorSession::is_opened_here(&session) {
        let detail =
            "a session_id that begins with v- was opened at /api/v1/chat/sessions: send its X-Visitor-Token";
        return Err(Problem::new(Code::Forbidden, detail));
    }
    Ok(session)
}

/// Answers a browser that asks whether a page may write here. It may try: whether the page's origin is on the
/// token's list is decided when it does, because this question carries no token.
pub async fn chat_preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"))
        .insert_header((
            ACCESS_CONTROL_ALLOW_HEADERS,
            "content-type, x-widget-token, x-visitor-token, x-request-id, idempotency-key",
        ))
        .insert_header((ACCESS_CONTROL_MAX_AGE, "600"))
        .finish()
}

/// Lets the asking page read the answer, problems too.
///
/// # Errors
/// As the service below.
pub async fn allow_origin<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let origin = request.headers().get(ORIGIN).cloned();
    let mut response = next.call(request).await?;
    if let Some(origin) = origin {
        expose(response.headers_mut(), origin);
    }
    Ok(response)
}

fn expose(headers: &mut HeaderMap, origin: HeaderValue) {
    let fixed = |name: HeaderName, value| (name, HeaderValue::from_static(value));
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_ORIGIN, origin),
        fixed(ACCESS_CONTROL_EXPOSE_HEADERS, "x-request-id, retry-after, idempotency-replayed"),
        fixed(VARY, "origin"),
    ] {
        headers.insert(name, value);
    }
}
