//! Requests within limits: by address before anything is looked up, then by credential and tenant. Whoever presents
//! many wrong credentials waits.

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
    middleware::Next,
};
use limits::RouteClass;
use tenancy::Principal;

use super::{
    access::asks_nothing,
    extract::{calling_address, identify, services},
    problem::{Code, Problem},
};
use crate::limits::{LimitReason, Limits, Refusal, RetryAfter};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal.reason {
            LimitReason::WrongCredentials | LimitReason::SignIn => refusal.retry_after.into(),
            LimitReason::Address | LimitReason::Credential | LimitReason::Tenant => {
                let reason = refusal.reason.as_str();
                let seconds = refusal.retry_after.seconds();
                let detail = format!("this {reason} has asked too often; go on after {seconds} seconds");
                Self::new(Code::RateLimited, detail).retry_after(seconds)
            }
        }
    }
}

/// Who has guessed too often is not told by what it is known.
impl From<RetryAfter> for Problem {
    fn from(retry_after: RetryAfter) -> Self {
        Self::of(Code::TooManyFailures).retry_after(retry_after.seconds())
    }
}

/// Keeps requests of the API within its limits.
///
/// # Errors
/// As the service below.
pub async fn api(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    limited(if reads(&request) { RouteClass::Read } else { RouteClass::Write }, request, next).await
}

/// Keeps requests of the chat on web pages within its limits: whoever reads often may write none the less. What browsers
/// ask before they do is not counted.
///
/// # Errors
/// As the service below.
pub async fn chat(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if *request.method() == Method::OPTIONS {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    limited(if reads(&request) { RouteClass::ChatRead } else { RouteClass::Chat }, request, next).await
}

fn reads(request: &ServiceRequest) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method())
}

/// Keeps only guessing slow, for what has no other limit.
///
/// # Errors
/// As the service below.
pub async fn guesses(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let limits = services(request.request())?.limits.clone();
    if let Some(address) = calling_address(request.request())
        && let Err(refusal) = limits.guesses.admit(address).await
    {
        return Ok(refuse(request, refusal.into()));
    }
    let presents_one = !matches!(identify(request.request()).await, Ok(None));
    watch_for_failure(&limits, presents_one, request, next).await
}

async fn limited(
    class: RouteClass,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let limits = services(request.request())?.limits.clone();
    match admit(&limits, class, request.request()).await {
        Ok(presents_one) => watch_for_failure(&limits, presents_one, request, next).await,
        Err(refusal) => Ok(refuse(request, refusal.into())),
    }
}

/// Counts a request, and tells whether it presents a credential. Whether that one is good is for the handler to say:
/// here it only tells whose request it is.
async fn admit(limits: &Limits, class: RouteClass, request: &HttpRequest) -> Result<bool, Refusal> {
    if let Some(address) = calling_address(request) {
        limits.admit_address(class, address).await?;
        limits.guesses.admit(address).await?;
    }
    if asks_nothing(request) {
        return Ok(false);
    }
    match identify(request).await {
        Ok(None) => Ok(false),
        Err(_) => Ok(true),
        Ok(Some(identity)) => {
            let tenant = match &identity.principal {
                Principal::Tenant(scope) => Some(scope.tenant_id()),
                Principal::Platform(_) => None,
            };
            limits.admit_credential(class, identity.caller.as_str(), tenant).await?;
            Ok(true)
        }
    }
}

/// Serves a request, and counts it where its credential turns out to be wrong.
async fn watch_for_failure(
    limits: &Limits,
    presents_one: bool,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let address = calling_address(request.request()).filter(|_| presents_one);
    let outcome = next.call(request).await;
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    if let (Some(address), StatusCode::UNAUTHORIZED) = (address, status) {
        limits.guesses.failed(address).await;
    }
    Ok(outcome?.map_into_boxed_body())
}

/// Answers with a problem in the place of whatever would have served the request.
pub(super) fn refuse(request: ServiceRequest, problem: Problem) -> ServiceResponse<BoxBody> {
    // The request's own conversions would drop the problem, and leave its status.
    let (request, _) = request.into_parts();
    ServiceResponse::new(request, HttpResponse::from_error(problem))
}
