//! Lanes: each class of request has places of its own, and connections to the database, so that none starves another, and
//! a time within which it is answered. What runs the server, such as health and metrics, is in no lane and always gets through.

use std::{sync::Arc, time::Duration};

use actix_web::{Error, HttpMessage as _, HttpRequest, dev::ServiceRequest};
use kernel::Workload;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{
    http::problem::{Code, Problem},
    metrics::{Metrics, TurnedAway},
};

/// How many seconds a caller that is turned away is asked to wait.
const RETRY_AFTER_SECONDS: u16 = 2;

/// How much of one class is served at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneSettings {
    /// How many requests at once.
    pub places: usize,
    /// How long a request waits for a place.
    pub wait: Duration,
    /// How long it may take from then on.
    pub limit: Duration,
}

/// How much of each class is served at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LanesSettings {
    /// Carriers' webhooks. They are short, and carriers wait for 15 seconds at most.
    pub webhooks: LaneSettings,
    /// The chat on web pages, which waits for the model: many wait, few work.
    pub chat: LaneSettings,
    /// All else of the API.
    pub api: LaneSettings,
}

impl Default for LanesSettings {
    fn default() -> Self {
        let lane = |places, seconds| LaneSettings {
            places,
            wait: Duration::from_secs(1),
            limit: Duration::from_secs(seconds),
        };
        Self { webhooks: lane(256, 10), chat: lane(256, 30), api: lane(64, 30) }
    }
}

/// The lanes that requests take.
pub struct Lanes {
    webhooks: Lane,
    chat: Lane,
    api: Lane,
    metrics: Arc<Metrics>,
}

struct Lane {
    name: &'static str,
    workload: Workload,
    places: Arc<Semaphore>,
    settings: LaneSettings,
}

/// A request's place in its lane, free again when the request is gone.
struct Place(#[expect(dead_code, reason = "it is held")] OwnedSemaphorePermit);

/// Frees the place of a request that has been served. What is left of it is sent, however long that takes.
pub(super) fn leave(request: &HttpRequest) {
    request.extensions_mut().remove::<Place>();
}

impl Lane {
    fn new(name: &'static str, workload: Workload, settings: LaneSettings) -> Self {
        Self { name, workload, places: Arc::new(Semaphore::new(settings.places)), settings }
    }
}

impl Lanes {
    /// Opens the lanes.
    pub fn new(settings: LanesSettings, metrics: Arc<Metrics>) -> Self {
        Self {
            webhooks: Lane::new("webhooks", Workload::Webhooks, settings.webhooks),
            chat: Lane::new("chat", Workload::Chat, settings.chat),
            api: Lane::new("api", Workload::Api, settings.api),
            metrics,
        }
    }

    /// Returns each lane's name, with how many of its places are taken and how many are free.
    pub fn places(&self) -> [(&'static str, usize, usize); 3] {
        [&self.webhooks, &self.chat, &self.api].map(|lane| {
            let free = lane.places.available_permits();
            (lane.name, lane.settings.places.saturating_sub(free), free)
        })
    }

    /// Serves a request in the lane of its path. It takes its place with it: whoever still serves it after it was given up, or
    /// after its caller has gone, is still in the lane.
    ///
    /// # Errors
    /// As `serve` does; or a problem when no place came free in time, or serving took too long and was given up.
    pub(super) async fn pass<T>(
        &self,
        path: &str,
        request: ServiceRequest,
        serve: impl AsyncFnOnce(ServiceRequest) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(lane) = self.of(path) else { return serve(request).await };
        let free = Arc::clone(&lane.places).acquire_owned();
        let Ok(Ok(place)) = timeout(lane.settings.wait, free).await else {
            return Err(self.turn_away(lane, TurnedAway::Busy));
        };
        request.extensions_mut().insert(Place(place));
        let served = timeout(lane.settings.limit, lane.workload.run(serve(request))).await;
        served.unwrap_or_else(|_elapsed| Err(self.turn_away(lane, TurnedAway::TimedOut)))
    }

    fn of(&self, path: &str) -> Option<&Lane> {
        let in_api = path.strip_prefix("/api/v1");
        if in_api.unwrap_or(path).starts_with("/webhooks/") {
            Some(&self.webhooks)
        } else {
            in_api.map(|path| if is_chat(path) { &self.chat } else { &self.api })
        }
    }

    fn turn_away(&self, lane: &Lane, why: TurnedAway) -> Error {
        self.metrics.request_turned_away(lane.name, why);
        let code = match why {
            TurnedAway::Busy => Code::Overloaded,
            TurnedAway::TimedOut => Code::TookTooLong,
        };
        Problem::of(code).retry_after(RETRY_AFTER_SECONDS).into()
    }
}

/// Tells whether a path below the API's prefix is the chat's or one below it.
fn is_chat(path: &str) -> bool {
    path.strip_prefix("/chat").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
