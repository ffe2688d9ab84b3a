//! `GET /readyz` for balancers, and `GET /health` for people: whether the server can do its work.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Json},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::middleware::WholeAnswer,
    readiness::{CheckResult, Need, Readiness, Standing, Summary},
    services::Services,
};

/// Whether the server can do its work.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadinessBody {
    /// `ready`; `degraded` when something is missing without which messages are still taken in; `unready` when nothing
    /// can be taken in; `stopping` when the server was told to stop.
    status: &'static str,
    /// The server's version.
    version: &'static str,
    /// What was checked.
    checks: Vec<ReadinessCheckBody>,
}

/// What was found of one thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadinessCheckBody {
    /// What was checked: `database`, `carrier`, `model`, `redis`.
    name: &'static str,
    /// `ok` or `failed`.
    status: &'static str,
    /// Whether nothing can be taken in without it.
    required: bool,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
}

impl From<Summary> for ReadinessBody {
    fn from(summary: Summary) -> Self {
        let status = match summary.standing {
            Standing::Ready => "ready",
            Standing::Degraded => "degraded",
            Standing::Unready => "unready",
            Standing::Stopping => "stopping",
        };
        let checks = summary.checks.into_iter().map(ReadinessCheckBody::from).collect();
        Self { status, version: env!("CARGO_PKG_VERSION"), checks }
    }
}

impl From<CheckResult> for ReadinessCheckBody {
    fn from(result: CheckResult) -> Self {
        Self {
            name: result.name,
            status: if result.fault.is_none() { "ok" } else { "failed" },
            required: result.need == Need::Required,
            detail: result.fault,
        }
    }
}

/// Tells whether requests should be sent here: 200 when messages can be taken in, 503 when not, or when the server is
/// stopping.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    responses(
        (status = 200, description = "Messages can be taken in", body = ReadinessBody),
        (status = 503, description = "Send requests elsewhere", body = ReadinessBody)
    )
)]
pub async fn readyz(services: Data<Services>) -> HttpResponse {
    tell(&services.operations.readiness).await
}

/// Tells the same to whoever reaches the address that is kept for watching.
pub async fn open_readyz(readiness: Data<Readiness>) -> HttpResponse {
    tell(&readiness).await
}

async fn tell(readiness: &Readiness) -> HttpResponse {
    let summary = readiness.summary().await;
    let status = match summary.standing {
        Standing::Ready | Standing::Degraded => StatusCode::OK,
        Standing::Unready | Standing::Stopping => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = HttpResponse::build(status).json(ReadinessBody::from(summary));
    response.extensions_mut().insert(WholeAnswer);
    response
}

/// Tells people the same. It answers 200 whatever it says, so that nothing is restarted or taken out because of it.
#[utoipa::path(
    get,
    path = "/health",
    tag = "operations",
    responses((status = 200, description = "How the server stands", body = ReadinessBody))
)]
pub async fn health(services: Data<Services>) -> Json<ReadinessBody> {
    Json(services.operations.readiness.summary().await.into())
}
