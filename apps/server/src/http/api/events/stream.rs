//! `GET /api/v1/tenants/{tenant_id}/events`

use actix_web::{
    HttpRequest, HttpResponse,
    error::Error,
    http::header::{CACHE_CONTROL, HeaderName},
    web::{Bytes, Data},
};
use chrono::{DateTime, Utc};
use futures_util::stream;
use serde::Serialize;
use serde_json::Value;
use tenancy::{EventPosition, RecordedEvent};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    event_feed::{FeedError, Said},
    http::{
        api::wire::Problems,
        extract::TenantPath,
        problem::{Code, Problem},
    },
    services::Services,
};

/// How long a reader that was cut off waits before it comes back.
const RETRY_MS: u16 = 2_000;
/// The header in which a reader says what it has read last.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Tells a proxy in between to keep nothing back.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The data of an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventBody<'a> {
    /// The event's id; by it a reader notices that it sees one twice.
    id: Uuid,
    /// What has happened, as in `lead.captured`.
    name: &'a str,
    /// By which version of the name's schema it is written.
    version: u16,
    /// When.
    at: DateTime<Utc>,
    /// To what, and how much of it.
    #[schema(value_type = Object)]
    facts: Value,
}

/// An event of the stream, in the terms of server-sent events.
#[derive(ToSchema)]
pub struct StreamedEvent {
    /// Where the stream is.
    pub id: String,
    /// What has happened, as in `lead.captured`, or `reset`.
    #[schema(nullable = false)]
    pub event: Option<String>,
    /// An `EventBody`; of `reset` an empty object.
    #[schema(content_media_type = "application/json", nullable = false)]
    pub data: Option<String>,
}

/// Streams what happens in a tenant, as server-sent events.
///
/// `id` is where the stream is; give it back as `Last-Event-ID` to go on from there, on this server or another. `event` is the
/// event's name, `data` the event as JSON. An event `reset` says that the server does not know where the reader was: read anew
/// what you show. A stream ends after ten minutes; come back with the last id.
///
/// # Errors
/// When the id is none, the caller may not, there are too many streams, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/events",
    tag = "events",
    params(
        ("tenant_id" = Uuid, Path, description = "The tenant"),
        ("Last-Event-ID" = Option<String>, Header, pattern = "^([0-9]{1,18}-[0-9]{1,18})?$", description = "The id of the last event that was read; without it the stream begins now")
    ),
    responses(
        (status = 200, description = "Events as they happen", body = StreamedEvent, content_type = "text/event-stream"),
        Problems
    )
)]
pub async fn stream_events(
    services: Data<Services>,
    request: HttpRequest,
    TenantPath(scope): TenantPath,
) -> Result<HttpResponse, Problem> {
    let events = services.events.listen(scope, last_read(&request)?).await?;
    let frames = stream::unfold(events, async |mut events| {
        let said = events.next().await?;
        Some((Ok::<_, Error>(Bytes::from(frame(&said))), events))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_ACCEL_BUFFERING, "no"))
        .streaming(Box::pin(frames)))
}

impl From<FeedError> for Problem {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::TenantHasEnough(_) => Self::new(Code::RateLimited, error.to_string()).retry_after(30),
            FeedError::Full => Self::unavailable(error),
            FeedError::Store(error) => error.into(),
        }
    }
}

fn last_read(request: &HttpRequest) -> Result<Option<EventPosition>, Problem> {
    let Some(header) = request.headers().get(LAST_EVENT_ID) else { return Ok(None) };
    if header.is_empty() {
        return Ok(None);
    }
    // What is no text is no position either.
    let position = header.to_str().unwrap_or_default().parse::<EventPosition>();
    position.map(Some).map_err(|error| Problem::invalid_field("Last-Event-ID", error.to_string()))
}

/// Writes what a stream says in the form of server-sent events.
fn frame(said: &Said) -> String {
    match said {
        // An id without data shows nothing and is remembered: whoever is cut off before the first event misses none.
        Said::Begun(position) => format!("retry: {RETRY_MS}\nid: {position}\n\n"),
        Said::Reset(position) => format!("retry: {RETRY_MS}\nid: {position}\nevent: reset\ndata: {{}}\n\n"),
        Said::Happened(events) => events.iter().map(event).collect(),
        Said::Nothing => ": nothing new\n\n".to_owned(),
    }
}

fn event(event: &RecordedEvent) -> String {
    let body = EventBody {
        id: event.id.uuid(),
        name: &event.name,
        version: event.version,
        at: event.at,
        // Stores write objects; whoever reads is served better by an event without facts than by none.
        facts: serde_json::from_str(&event.facts).unwrap_or_default(),
    };
    // Ids, names and numbers are always JSON.
    let data = serde_json::to_string(&body).unwrap_or_default();
    format!("id: {}\nevent: {}\ndata: {data}\n\n", event.position, event.name)
}
