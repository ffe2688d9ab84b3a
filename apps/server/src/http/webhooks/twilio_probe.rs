//! `POST /webhooks/twilio/probe`: a webhook that nothing follows from. By it an installation asks itself whether what
//! carriers sign for its public URL still verifies once it has come through whatever stands in front.

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    web::{Data, Json},
};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use super::verified::SIGNATURE;
use super::verified::public_url;
use crate::{
    compose::twilio_webhooks::{Algorithm, Form, SignedContent, SignedRequest, verify},
    http::{
        api::wire::Problems,
        extract::RawBody,
        problem::{Code, Problem},
    },
    installation::ProofOf,
    services::Services,
};

/// Where the probe is sent.
pub const PROBE_PATH: &str = "/webhooks/twilio/probe";
/// The field with a number used once.
pub const NONCE: &str = "Nonce";
/// The field with the proof that the probe is this installation's own.
pub const PROOF: &str = "Proof";

/// What the server has seen of a probe.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ProbeAnswer {
    /// Whether a carrier's webhook that came like this would be let in.
    pub verifies: bool,
    /// Whether a signature came along.
    pub has_signature: bool,
    /// The URL that the signature is checked against.
    pub seen_url: String,
}

/// The fields of a probe.
#[derive(ToSchema)]
pub struct ProbeForm {
    /// A number used once.
    #[schema(rename = "Nonce")]
    pub nonce: String,
    /// The proof that the probe is this installation's own.
    #[schema(rename = "Proof")]
    pub proof: String,
}

/// A form, signed or not.
pub struct UnverifiedForm(Form);

impl FromRequest for UnverifiedForm {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = RawBody::from_request(request, payload);
        Box::pin(async move { body.await.map(|RawBody(bytes)| Self(Form::parse(&bytes))) })
    }
}

/// Tells this installation's own doctor what of its probe has arrived.
///
/// # Errors
/// When the probe is not this installation's own: nobody else is told anything.
#[utoipa::path(
    post,
    path = "/webhooks/twilio/probe",
    tag = "operations",
    request_body(content_type = "application/x-www-form-urlencoded", content = ProbeForm),
    responses((status = 200, description = "What has arrived", body = ProbeAnswer), Problems)
)]
pub async fn twilio_probe(
    services: Data<Services>,
    request: HttpRequest,
    form: UnverifiedForm,
) -> Result<Json<ProbeAnswer>, Problem> {
    let UnverifiedForm(form) = form;
    let installation = &services.operations.installation;
    let (nonce, proof) = (form.first(NONCE).unwrap_or_default(), form.first(PROOF).unwrap_or_default());
    if !installation.accepts(ProofOf::Probe, nonce, proof) {
        return Err(Problem::of(Code::BadSignature));
    }
    let seen_url = public_url(&services, &request);
    let signed = SignedRequest { url: &seen_url, content: SignedContent::Form(form.pairs()) };
    let presented = request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok());
    let token = installation.probe_token();
    let verifies =
        presented.is_some_and(|presented| verify(&token, Algorithm::Sha1, &signed, presented).is_ok());
    Ok(Json(ProbeAnswer { verifies, has_signature: presented.is_some(), seen_url }))
}
