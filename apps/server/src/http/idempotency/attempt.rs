//! One attempt at a request that carries a key, from its beginning to its answer.

use std::{panic::AssertUnwindSafe, rc::Rc, time::Duration};

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BodySize, BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderName, LOCATION},
    },
    middleware::Next,
    rt,
    web::Data,
};
use futures_util::FutureExt as _;
use kernel::{StoreError, Workload};
use limits::{Attempt, Begun, CallerId, Fingerprint, IdempotencyKey, IdempotencyOwner, StoredAnswer};
use tenancy::Principal;
use tokio::time::{sleep, timeout};
use tracing::Instrument as _;

use crate::{
    http::{
        extract::Identity,
        middleware::{RequestId, as_problem},
        problem::{Code, Problem},
    },
    services::Services,
    telemetry::with_sources,
};

/// How long a request is held by whoever has begun it, should the process die: longer than it may take.
const LEASE: Duration = Duration::from_secs(60);
/// How long a request may take, also after whoever sent it has gone.
const LONGEST: Duration = Duration::from_secs(40);
/// The most bytes of an answer that are kept.
const MOST_BYTES: u64 = 256 * 1_024;
/// The pauses between tries to keep an answer.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// By what a handler knows a request again that its caller has named, however many attempts are made at it.
#[derive(Clone)]
pub(in crate::http) struct RequestName(pub(in crate::http) String);

/// A request that its caller has named.
pub(super) struct Named {
    pub(super) services: Data<Services>,
    pub(super) identity: Rc<Identity>,
    pub(super) key: IdempotencyKey,
    pub(super) caller: CallerId,
}

impl Named {
    /// Begins it, unless somebody has.
    pub(super) async fn begin(&self, fingerprint: &Fingerprint) -> Result<Begun, Problem> {
        let limits = &self.services.limits;
        let (store, now) = (&limits.idempotency, limits.clock.now());
        match store.begin(self.owner(), &self.key, &self.caller, fingerprint, now, LEASE).await {
            // So many repeats come at once that none of them sees how it stands: somebody is at it.
            Err(StoreError::Conflict) => Ok(Begun::InFlight { retry_after: LEASE }),
            begun => Ok(begun?),
        }
    }

    /// Returns the request's name for handlers.
    pub(super) fn name_of(&self, fingerprint: &Fingerprint) -> String {
        fingerprint.named(&self.key, self.owner(), &self.caller)
    }

    fn owner(&self) -> IdempotencyOwner<'_> {
        match &self.identity.principal {
            Principal::Tenant(scope) => IdempotencyOwner::Tenant(scope),
            Principal::Platform(platform) => IdempotencyOwner::Platform(platform),
        }
    }
}

/// A named request that was begun here and nowhere else.
pub(super) struct Attempted {
    pub(super) named: Named,
    pub(super) number: Attempt,
}

impl Attempted {
    /// Has the request served, and keeps the answer.
    ///
    /// It is served to its end even when its caller hangs up meanwhile: callers who saw no answer are those who repeat,
    /// and what was cut off in the middle could not be repeated safely.
    pub(super) async fn run(
        self,
        request: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        let work = async move {
            let served = AssertUnwindSafe(timeout(LONGEST, next.call(request))).catch_unwind().await;
            match served {
                Ok(Ok(Ok(response))) => Ok(self.settle(response).await),
                Ok(Ok(Err(error))) => {
                    self.abandon().await;
                    Err(error)
                }
                Ok(Err(_elapsed)) => {
                    self.abandon().await;
                    Err(Problem::of(Code::TookTooLong).into())
                }
                Err(panic) => {
                    self.abandon().await;
                    std::panic::resume_unwind(panic)
                }
            }
        };
        match rt::spawn(Workload::current().run(work.in_current_span())).await {
            Ok(outcome) => outcome,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => Err(Problem::unavailable(error).into()),
        }
    }

    /// Keeps an answer that a repeat should get, and forgets the request after any other.
    async fn settle(self, response: ServiceResponse<impl MessageBody + 'static>) -> ServiceResponse<BoxBody> {
        let (request, response) = response.into_parts();
        let mut response = response.map_into_boxed_body();
        if !is_final(&response) {
            self.abandon().await;
            return ServiceResponse::new(request, response);
        }
        let request_id = request.extensions().get::<RequestId>().cloned();
        if let Some(request_id) = request_id {
            response = as_problem(response, &request_id);
        }
        let is_short = match response.body().size() {
            BodySize::None => true,
            BodySize::Sized(bytes) => bytes <= MOST_BYTES,
            BodySize::Stream => false,
        };
        if !is_short {
            tracing::warn!("an answer is too long to be kept, so a repeat does the request again");
            self.abandon().await;
            return ServiceResponse::new(request, response);
        }
        ServiceResponse::new(request, self.keep(response).await)
    }

    async fn keep(self, response: HttpResponse) -> HttpResponse {
        let (head, body) = response.into_parts();
        let body = match to_bytes(body).await {
            Ok(body) => body,
            Err(error) => {
                self.abandon().await;
                return HttpResponse::from_error(Problem::internal(error.to_string()));
            }
        };
        let text = |name: HeaderName| {
            head.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let answer = StoredAnswer {
            status: head.status().as_u16(),
            content_type: text(CONTENT_TYPE),
            location: text(LOCATION),
            body: body.to_vec(),
        };
        self.finish(&answer).await;
        head.set_body(BoxBody::new(body))
    }

    /// The request is done, so its caller gets the answer whether or not it can be kept.
    async fn finish(&self, answer: &StoredAnswer) {
        let Named { services, key, caller, .. } = &self.named;
        let limits = &services.limits;
        let mut pauses = PAUSES.into_iter();
        loop {
            let now = limits.clock.now();
            let kept = limits.idempotency.finish(self.named.owner(), key, caller, self.number, answer, now);
            let Err(error) = kept.await else { return };
            let pause = pauses.next().filter(|_| matches!(error, StoreError::Unavailable(_)));
            let Some(pause) = pause else {
                tracing::warn!(error = with_sources(&error), "an answer could not be kept for repeats");
                return;
            };
            sleep(pause).await;
        }
    }

    async fn abandon(&self) {
        let Named { services, key, caller, .. } = &self.named;
        let store = &services.limits.idempotency;
        if let Err(error) = store.abandon(self.named.owner(), key, caller, self.number).await {
            tracing::warn!(error = with_sources(&error), "a request stays held until its lease ends");
        }
    }
}

/// Tells whether a repeat must get this very answer. What failed for a reason that passes may be tried again.
fn is_final(response: &HttpResponse) -> bool {
    let status = response.status();
    let problem = response.error().and_then(|error| error.as_error::<Problem>());
    if problem.is_some_and(|problem| problem.code() == Code::Conflict) {
        return false;
    }
    let passes = [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    status.is_success() || (status.is_client_error() && !passes.contains(&status))
}
