//! A webhook of Twilio's whose signature holds.

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload};
use futures_util::future::LocalBoxFuture;
use kernel::TenantId;

use crate::{
    compose::twilio_webhooks::{
        Form, MessagingResponse, SignedContent, SignedRequest, VerifyError, WebhookError,
    },
    http::{
        aliases,
        extract::{RawBody, services},
        problem::{Code, Problem},
    },
    services::Services,
};

/// The header with the signature.
pub const SIGNATURE: &str = "X-Twilio-Signature";

/// A webhook of Twilio's whose signature holds.
pub struct Verified {
    /// What it says.
    pub form: Form,
    /// The tenant whose account has signed it; `None` when it is the platform's account, which any tenant's number
    /// may be on.
    pub tenant: Option<TenantId>,
}

impl FromRequest for Verified {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), RawBody::from_request(request, payload));
        Box::pin(async move {
            let RawBody(bytes) = body.await?;
            let form = Form::parse(&bytes);
            let tenant = verify(services(&request)?, &request, &form).await?;
            Ok(Self { form, tenant })
        })
    }
}

/// Answers that all is well and nothing more is to be done.
pub(super) fn acknowledge() -> HttpResponse {
    HttpResponse::Ok().content_type(MessagingResponse::CONTENT_TYPE).body(MessagingResponse::empty().to_xml())
}

/// Returns the problem of a webhook that is signed and yet not understood.
pub(super) fn not_understood(error: WebhookError) -> Problem {
    let (WebhookError::Missing { field } | WebhookError::Malformed { field }) = error;
    Problem::invalid_field(field, error.to_string())
}

/// Returns the URL that a request was signed for, if nothing has changed it on the way. The path and query are signed as
/// they came, so they are taken from the request line and not rebuilt; the host is the configured one, because headers
/// are the caller's to choose.
pub(super) fn public_url(services: &Services, request: &HttpRequest) -> String {
    let asked = aliases::asked_for(request);
    let path = asked.path_and_query().map_or("/", |path| path.as_str());
    format!("{}{path}", services.public_base_url)
}

/// Returns whose account has signed the webhook. Every way in which it is not signed is the same answer.
async fn verify(
    services: &Services,
    request: &HttpRequest,
    form: &Form,
) -> Result<Option<TenantId>, Problem> {
    if !services.verify_twilio_signatures {
        return Ok(None);
    }
    let refused = || Problem::of(Code::BadSignature);
    let account = form.account_sid().map_err(|_| refused())?;
    let presented =
        request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok()).ok_or_else(refused)?;
    let url = public_url(services, request);
    let signed = SignedRequest { url: &url, content: SignedContent::Form(form.pairs()) };
    match services.twilio.verify(account, &signed, presented).await {
        Ok(verified) => Ok(verified.tenant),
        Err(VerifyError::UnknownAccount | VerifyError::Signature(_)) => Err(refused()),
        Err(VerifyError::Store(error)) => Err(error.into()),
    }
}
