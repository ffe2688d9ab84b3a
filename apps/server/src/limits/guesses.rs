//! Wrong credentials: whoever presents many has to wait, and nobody at another address does.

use std::{net::IpAddr, sync::Arc};

use kernel::Clock;
use limits::{Quota, RouteClass, Throttle, ThrottleKey, Verdict};

use super::{LimitReason, Refusal, RetryAfter};
use crate::metrics::Metrics;

/// Counts wrong credentials by the address that they came from.
///
/// Only failures are counted, so that right credentials cost nothing. An address that has used its allowance up is
/// refused before anything it presents is looked at, or it could go on guessing.
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
        match self.throttle.look(&key(address), &self.quota, self.clock.now()).await {
            Verdict::Allowed => Ok(()),
            Verdict::Denied { retry_after } => {
                let reason = LimitReason::WrongCredentials;
                self.metrics.request_limited(RouteClass::Login, reason);
                Err(Refusal { reason, retry_after: RetryAfter(retry_after) })
            }
        }
    }

    /// Notes that a credential was wrong.
    pub async fn failed(&self, address: IpAddr) {
        // Whether one more is allowed is asked when the next one comes.
        let _ = self.throttle.take(&key(address), &self.quota, self.clock.now()).await;
    }
}

fn key(address: IpAddr) -> ThrottleKey {
    ThrottleKey::caller(RouteClass::Login, address)
}
