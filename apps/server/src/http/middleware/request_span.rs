//! The span of a request, in logs and traces: whose it is and what became of it. It names ids and patterns, never what
//! was said.

use actix_web::{HttpRequest, http::StatusCode};
use kernel::ConversationId;
use opentelemetry::trace::TraceContextExt as _;
use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use uuid::Uuid;

use super::{ActingTenant, RequestId};

/// Opens the span of a request.
pub(super) fn open(method: &str, request_id: &RequestId) -> Span {
    tracing::info_span!(
        "request",
        otel.kind = "server",
        otel.status_code = Empty,
        request.id = request_id.as_str(),
        http.request.method = method,
        http.route = Empty,
        http.response.status_code = Empty,
        tenant.id = Empty,
        conversation.id = Empty,
    )
}

/// Says which conversation the present request turned out to be about.
pub fn name_conversation(id: ConversationId) {
    Span::current().record("conversation.id", tracing::field::display(id));
}

/// Records what became of a request.
pub(super) fn close(span: &Span, method: &str, served: Option<&HttpRequest>, status: StatusCode) {
    let route = served.and_then(HttpRequest::match_pattern);
    let route = route.as_deref().unwrap_or("unmatched");
    // The route is known only now, and by then the name cannot be recorded as other fields are.
    span.context().span().update_name(format!("{method} {route}"));
    span.record("http.route", route);
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    let Some(request) = served else { return };
    if let Some(ActingTenant(tenant)) = actix_web::HttpMessage::extensions(request).get() {
        span.record("tenant.id", tracing::field::display(tenant));
    }
    let conversation = request.match_info().get("conversation_id").map(Uuid::try_parse);
    if let Some(Ok(id)) = conversation {
        span.record("conversation.id", tracing::field::display(id));
    }
}
