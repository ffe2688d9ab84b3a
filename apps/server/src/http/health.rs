//! `GET /healthz`: the process lives, and its configuration was accepted.

use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// That the process lives.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthBody {
    /// `ok`.
    status: &'static str,
    /// The server's version.
    version: &'static str,
    /// Whether the configuration was accepted. A process whose configuration was not does not start.
    config_valid: bool,
}

/// Tells that the process lives. It asks nothing of the database, so that a slow one does not restart the process.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operations",
    responses((status = 200, description = "The process lives", body = HealthBody)),
    security(())
)]
pub async fn healthz() -> Json<HealthBody> {
    Json(HealthBody { status: "ok", version: env!("CARGO_PKG_VERSION"), config_valid: true })
}
