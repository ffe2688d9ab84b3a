//! What happens to every request, whatever serves it: it gets an id, the real name of its path and a place in its lane,
//! failures become problems, panics too, browsers are told what they must not do, and one line is logged.

mod access_log;
mod lanes;
mod request_id;
mod request_span;
mod security_headers;

use std::{panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
};
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::{
    aliases,
    problem::{Code, PROBLEM_JSON, Problem},
};
use crate::{
    metrics::{Place, Served},
    operations::Operations,
};
pub use access_log::ActingTenant;
pub use lanes::{LaneSettings, Lanes, LanesSettings};
pub use request_id::{REQUEST_ID, RequestId};
pub use request_span::name_conversation;

/// Marks an answer that is no problem although its status is one of failure: it stays as it is.
#[derive(Clone, Copy, Debug)]
pub struct WholeAnswer;

/// Serves one request with all that belongs around it.
///
/// # Errors
/// Only when the service below panicked or lost its request; the error is a whole answer by then.
pub async fn around(
    operations: Operations,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let request = aliases::resolve(request);
    let request_id = RequestId::of(request.headers());
    request.extensions_mut().insert(request_id.clone());
    let entry = access_log::Entry {
        request_id: request_id.clone(),
        method: request.method().to_string(),
        started: Instant::now(),
    };
    // As routes compare it, with its percent signs resolved: no other spelling is in another lane, or in none.
    let path = request.match_info().as_str().to_owned();
    let span = request_span::open(&entry.method, &request_id);
    let served = operations.lanes.pass(&path, request, async move |request| {
        let response = next.call(request).await?;
        lanes::leave(response.request());
        Ok(response)
    });
    let served = AssertUnwindSafe(served);
    let outcome = served.catch_unwind().instrument(span.clone()).await;
    match outcome.unwrap_or_else(|_panic| Err(Problem::internal("a handler panicked").into())) {
        Ok(response) => {
            let finished = finish(response.map_into_boxed_body(), &entry, &path, &operations);
            request_span::close(&span, &entry.method, Some(finished.request()), finished.status());
            Ok(finished)
        }
        Err(error) => {
            let given_up = give_up(&error, &entry, &path, &operations);
            request_span::close(&span, &entry.method, None, given_up.as_response_error().status_code());
            Err(given_up)
        }
    }
}

fn finish(
    response: ServiceResponse,
    entry: &access_log::Entry,
    path: &str,
    operations: &Operations,
) -> ServiceResponse {
    let (request, response) = response.into_parts();
    let route = request.match_pattern();
    let problem = response.error().and_then(|error| error.as_error::<Problem>());
    measure(operations, entry, route.as_deref(), response.status(), problem);
    let mut response = as_problem(response, &entry.request_id);
    decorate(&mut response, &entry.request_id, path);
    let tenant = request.extensions().get::<ActingTenant>().copied();
    entry.write(route.as_deref(), response.status(), tenant);
    ServiceResponse::new(request, response)
}

/// Makes an answer of what came without its request, so that none can be sent along with it.
fn give_up(error: &Error, entry: &access_log::Entry, path: &str, operations: &Operations) -> Error {
    let made;
    let problem = if let Some(problem) = error.as_error::<Problem>() {
        problem
    } else {
        made = Problem::of(Code::of_status(error.as_response_error().status_code()));
        &made
    };
    let mut response = problem.render(&entry.request_id);
    measure(operations, entry, None, response.status(), Some(problem));
    decorate(&mut response, &entry.request_id, path);
    entry.write(None, response.status(), None);
    actix_web::error::InternalError::from_response("answered", response).into()
}

/// Turns every failure into a problem: those of handlers and extractors, and the framework's own bare ones.
pub(super) fn as_problem(response: HttpResponse, request_id: &RequestId) -> HttpResponse {
    let status = response.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    if !is_failure || is_problem(&response) || response.extensions().contains::<WholeAnswer>() {
        return response;
    }
    let known = response.error().and_then(|error| error.as_error::<Problem>());
    let mut problem = match known {
        Some(problem) => problem.render(request_id),
        None => Problem::of(Code::of_status(status)).render(request_id),
    };
    for (name, value) in response.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            problem.headers_mut().append(name.clone(), value.clone());
        }
    }
    problem
}

fn is_problem(response: &HttpResponse) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes() == PROBLEM_JSON.as_bytes())
}

fn measure(
    operations: &Operations,
    entry: &access_log::Entry,
    route: Option<&str>,
    status: StatusCode,
    problem: Option<&Problem>,
) {
    let metrics = &operations.metrics.metrics;
    metrics.request_served(&Served {
        route,
        method: &entry.method,
        status: status.as_u16(),
        taken: entry.started.elapsed(),
        problem: problem.map(|problem| problem.code().as_str()),
    });
    if let Some(error) = problem.and_then(Problem::store_error) {
        metrics.store_failed(Place::Http, error);
    }
}

fn decorate(response: &mut HttpResponse, request_id: &RequestId, path: &str) {
    response.headers_mut().insert(REQUEST_ID, request_id.to_header());
    security_headers::add(path, response.headers_mut());
}
