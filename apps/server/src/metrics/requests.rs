//! Counts and times requests, and what webhooks were refused for.

use std::time::Duration;

use limits::RouteClass;

use super::{
    Metrics,
    catalogue::{
        HTTP_DURATION, HTTP_LIMITED, HTTP_REQUESTS, HTTP_TURNED_AWAY, WEBHOOK_DURATION, WEBHOOK_REFUSALS,
    },
};
use crate::limits::LimitReason;

/// Methods by their names. Anybody may make up others, and every label is a series for ever.
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// What was served.
#[derive(Clone, Copy, Debug)]
pub struct Served<'a> {
    /// The pattern of its path; `None` when there is none, or it is not known any more.
    pub route: Option<&'a str>,
    /// Its method.
    pub method: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// How long it took.
    pub taken: Duration,
    /// The code of the problem that was answered, if one was.
    pub problem: Option<&'static str>,
}

/// Why a lane turned a request away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedAway {
    /// No place came free in time.
    Busy,
    /// It took too long.
    TimedOut,
}

impl Metrics {
    /// Takes in a request.
    pub fn request_served(&self, served: &Served<'_>) {
        let route = served.route.unwrap_or("unmatched");
        let method = METHODS.iter().find(|known| **known == served.method).copied().unwrap_or("other");
        self.count(&HTTP_REQUESTS, &[route, method, &served.status.to_string()]);
        self.time(&HTTP_DURATION, &[route, method], served.taken);
        let Some(webhook) = webhook_of(route) else { return };
        self.time(&WEBHOOK_DURATION, &[webhook], served.taken);
        if let Some(code) = served.problem {
            self.webhook_refused(webhook, code);
        }
    }

    /// Counts a webhook of which nothing was stored.
    pub fn webhook_refused(&self, webhook: &str, reason: &str) {
        self.count(&WEBHOOK_REFUSALS, &[webhook, reason]);
    }

    /// Counts a request that was not served because of a limit.
    pub fn request_limited(&self, class: RouteClass, reason: LimitReason) {
        self.count(&HTTP_LIMITED, &[class.as_str(), reason.as_str()]);
    }

    /// Counts a request that was turned away before or while it was served.
    pub fn request_turned_away(&self, lane: &str, why: TurnedAway) {
        let reason = match why {
            TurnedAway::Busy => "busy",
            TurnedAway::TimedOut => "timed_out",
        };
        self.count(&HTTP_TURNED_AWAY, &[lane, reason]);
    }
}

/// Returns which webhook a route is, whichever of its two paths was called.
fn webhook_of(route: &str) -> Option<&str> {
    let path = route.strip_prefix("/api/v1").unwrap_or(route);
    path.starts_with("/webhooks/").then_some(path)
}
