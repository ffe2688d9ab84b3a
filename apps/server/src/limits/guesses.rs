//! Wrong credentials: whoever presents many has to wait, and nobody at another address does.

use std::{net::IpAddr, sync::Arc};

use kernel::Clock;
use limits::{Quota, RouteClass, Throttle, ThrottleKey, Verdict};

use super::{LimitReason, Refusal, RetryAfter};
use crate::metrics::Metrics;

/// Counts wrong credentials by the address that they came from.
///
/// Only failures are counted, so that right credentials cost nothing. An address that has used its allowance up is
/// refused before anything it presents is looked at, or it could go on guessing. Where to look takes long, as with
/// passwords, it counts from its [beginning](Self::begin) on, or many at once would all be looked at.
pub struct Guesses {
    throttle: Arc<dyn Throttle>,
    clock: Arc<dyn Clock>,
    quota: Quota,
    metrics: Arc<Metrics>,
}

impl Guesses {
    pub(super) fn new(
        throttle: Arc<dyn Throttle>,
        clock: Arc<dyn Clock>,
        quota: Quota,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { throttle, clock, quota, metrics }
    }

    /// Lets an address present a credential. Ask it before the credential is looked at.
    ///
    /// # Errors
    /// When too many from this address were wrong.
    pub async fn admit(&self, address: IpAddr) -> Result<(), Refusal> {
        self.allowed(self.throttle.look(&key(address), &self.quota, self.clock.now()).await)
    }

    /// Lets an address present a credential, and counts it as wrong until it is [taken back](Self::take_back).
    ///
    /// # Errors
    /// When too many from this address were wrong, or are being looked at.
    pub async fn begin(&self, address: IpAddr) -> Result<(), Refusal> {
        self.allowed(self.throttle.take(&key(address), &self.quota, self.clock.now()).await)
    }

    /// Notes that a credential that has begun was not wrong, or not looked at.
    pub async fn take_back(&self, address: IpAddr) {
        self.throttle.give_back(&key(address), &self.quota, self.clock.now()).await;
    }

    /// Notes that a credential was wrong.
    pub async fn failed(&self, address: IpAddr) {
        // Whether one more is allowed is asked when the next one comes.
        let _ = self.throttle.take(&key(address), &self.quota, self.clock.now()).await;
    }

    fn allowed(&self, verdict: Verdict) -> Result<(), Refusal> {
        match verdict {
            Verdict::Allowed => Ok(()),
            Verdict::Denied { retry_after } => {
                let reason = LimitReason::WrongCredentials;
                self.metrics.request_limited(RouteClass::Login, reason);
                Err(Refusal { reason, retry_after: RetryAfter(retry_after) })
            }
        }
    }
}

fn key(address: IpAddr) -> ThrottleKey {
    ThrottleKey::caller(RouteClass::Login, address)
}
