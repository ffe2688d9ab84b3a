//! `Idempotency-Key`: a request that carries one is done once, however often it is repeated. What exchanges credentials
//! takes none: there is no caller yet whose name it could be, and an answer that is a credential is given once. Nor does what
//! opens a visitor's session: all visitors of a page call by its one token, and no two may get the same session.

mod attempt;

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION},
    },
    middleware::Next,
    web::Bytes,
};
use futures_util::{StreamExt as _, stream};
use limits::{Begun, Fingerprint, IdempotencyKey, StoredAnswer};
use tenancy::Principal;

pub(super) use self::attempt::RequestName;
use self::attempt::{Attempted, Named};
use super::{
    access::asks_nothing,
    extract::{JSON_LIMIT, act_for, identify, read_body, selected_tenant, services},
    limits::refuse,
    middleware::WholeAnswer,
    problem::{Code, Problem},
};
use crate::limits::RetryAfter;

/// The header by which a caller names a request, so that it can be repeated safely.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// The header that says that an answer was given before.
pub const REPLAYED: &str = "Idempotency-Replayed";

/// The longest that a caller is asked to wait for a request under way: most end in a moment, and who asks too early is
/// told so again.
const LONGEST_WAIT_SECONDS: u16 = 5;

/// Does a request once.
///
/// # Errors
/// As the service below.
pub async fn once(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // What no handler serves needs no memory.
    let is_named = *request.method() == Method::POST
        && request.headers().contains_key(IDEMPOTENCY_KEY)
        && request.match_pattern().is_some()
        && !asks_nothing(request.request());
    let named = if is_named { name(&mut request).await } else { Ok(None) };
    let (named, fingerprint) = match named {
        Ok(Some(named)) => named,
        Ok(None) => return Ok(next.call(request).await?.map_into_boxed_body()),
        Err(problem) => return Ok(refuse(request, problem)),
    };
    match named.begin(&fingerprint).await {
        Ok(Begun::Started(number)) => Attempted { named, number }.run(request, next).await,
        Ok(Begun::Answered(answer)) => Ok(replay(request, &named, answer)),
        Ok(Begun::OtherRequest) => Ok(refuse(request, Problem::of(Code::IdempotencyKeyReused))),
        Ok(Begun::InFlight { retry_after }) => {
            let seconds = RetryAfter(retry_after).seconds().min(LONGEST_WAIT_SECONDS);
            Ok(refuse(request, Problem::of(Code::IdempotencyInFlight).retry_after(seconds)))
        }
        Err(problem) => Ok(refuse(request, problem)),
    }
}

/// Reads of a request what makes it the same one when it comes again; `None` where nobody has sent it, which its
/// handler will say.
async fn name(request: &mut ServiceRequest) -> Result<Option<(Named, Fingerprint)>, Problem> {
    let key = request.headers().get(IDEMPOTENCY_KEY).and_then(|key| key.to_str().ok()).unwrap_or_default();
    let key = IdempotencyKey::parse(key);
    let key = key.map_err(|error| Problem::invalid_field(IDEMPOTENCY_KEY, error.to_string()))?;
    let Some(identity) = identify(request.request()).await? else { return Ok(None) };
    let caller = identity.caller.clone();
    let services = services(request.request())?.clone();
    let path = path(request, &identity.principal);
    let body = read(request).await?;
    let fingerprint = Fingerprint::of(request.method().as_str(), &path, &body);
    give_back(request, body);
    let named = Named { services, identity, key, caller };
    request.extensions_mut().insert(RequestName(named.name_of(&fingerprint)));
    Ok(Some((named, fingerprint)))
}

/// Returns the real path and query, and the tenant that the operator has selected by a header: for another tenant it is
/// another request.
fn path(request: &ServiceRequest, principal: &Principal) -> String {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    match (principal, selected_tenant(request.request())) {
        (Principal::Platform(_), Some(tenant)) => format!("{path}\n{tenant}"),
        (Principal::Platform(_) | Principal::Tenant(_), _) => path.to_owned(),
    }
}

/// Reads the body as the handler would.
async fn read(request: &mut ServiceRequest) -> Result<Bytes, Problem> {
    let payload = request.take_payload();
    read_body(request.request(), payload, JSON_LIMIT).await
}

/// Gives the body back for the handler to read, plain.
fn give_back(request: &mut ServiceRequest, body: Bytes) {
    request.headers_mut().remove(CONTENT_ENCODING);
    let payload = stream::iter([Ok(body)]).boxed_local();
    request.set_payload(Payload::Stream { payload });
}

/// Gives an answer again.
fn replay(request: ServiceRequest, named: &Named, answer: StoredAnswer) -> ServiceResponse<BoxBody> {
    let Ok(status) = StatusCode::from_u16(answer.status) else {
        return refuse(request, Problem::internal("an answer was kept with a status that is none"));
    };
    if let Principal::Tenant(scope) = &named.identity.principal {
        act_for(request.request(), scope);
    }
    let mut response = HttpResponse::build(status);
    response.insert_header((REPLAYED, "true"));
    for (name, value) in [(CONTENT_TYPE, answer.content_type), (LOCATION, answer.location)] {
        if let Some(value) = value {
            response.insert_header((name, value));
        }
    }
    let mut response = response.body(answer.body);
    response.extensions_mut().insert(WholeAnswer);
    request.into_response(response)
}
