//! `GET /healthz`: the process lives, and its configuration was accepted.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    installation::{InstallationKey, ProofOf},
    services::Services,
};

/// The header by which `cheetah doctor` asks whether this server is of its installation.
pub const INSTALLATION_NONCE: &str = "x-installation-nonce";
/// The header with the proof that it is.
pub const INSTALLATION_PROOF: &str = "x-installation-proof";

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
    responses((status = 200, description = "The process lives", body = HealthBody))
)]
pub async fn healthz(services: Data<Services>, request: HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    let nonce = request.headers().get(INSTALLATION_NONCE).and_then(|value| value.to_str().ok());
    if let Some(nonce) = nonce.filter(|nonce| nonce.len() <= InstallationKey::LONGEST_NONCE) {
        let proof = services.operations.installation.prove(ProofOf::Identity, nonce);
        response.insert_header((INSTALLATION_PROOF, proof));
    }
    response.json(HealthBody { status: "ok", version: env!("CARGO_PKG_VERSION"), config_valid: true })
}
