//! Leaves a model alone that has failed several times in a row, and looks from time to time whether it is back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::TimeDelta;
use conversation::{Deltas, LanguageModel, ModelError, ModelReply, ModelRequest};
use kernel::{Clock, Timestamp};

use crate::retrying::was_too_late;

/// The service was not asked, because it has failed too often of late.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("circuit open")]
pub struct CircuitOpen;

/// When a model is left alone, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakingSettings {
    /// After so many failures in a row.
    pub failures: u32,
    /// For so long; then one caller tries.
    pub pause: TimeDelta,
}

impl Default for BreakingSettings {
    fn default() -> Self {
        Self { failures: 5, pause: TimeDelta::seconds(30) }
    }
}

/// A model that is left alone while its service fails.
pub struct BreakingModel {
    model: Arc<dyn LanguageModel>,
    clock: Arc<dyn Clock>,
    settings: BreakingSettings,
    circuit: Mutex<Circuit>,
}

/// Whether callers are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Circuit {
    /// They are, after so many failures in a row.
    Closed { failures: u32 },
    /// They are not, until then.
    Open { until: Timestamp },
    /// One of them is, and everybody else waits for what it finds.
    Probing,
}

impl BreakingModel {
    /// Wraps a model, and lets everybody through.
    pub fn new(model: Arc<dyn LanguageModel>, clock: Arc<dyn Clock>, settings: BreakingSettings) -> Self {
        Self { model, clock, settings, circuit: Mutex::new(Circuit::Closed { failures: 0 }) }
    }

    /// Lets a caller through, or not.
    fn enter(&self) -> Result<Passage<'_>, CircuitOpen> {
        let mut circuit = self.lock();
        match *circuit {
            Circuit::Closed { .. } => Ok(Passage { breaker: self, probes: false }),
            Circuit::Open { until } if self.clock.now() >= until => {
                *circuit = Circuit::Probing;
                Ok(Passage { breaker: self, probes: true })
            }
            Circuit::Open { .. } | Circuit::Probing => Err(CircuitOpen),
        }
    }

    /// Notes what a caller found who did not probe. One who set out before the circuit opened changes nothing more.
    fn note(&self, service_failed: bool) {
        let mut circuit = self.lock();
        if let Circuit::Closed { failures } = *circuit {
            let failures = if service_failed { failures.saturating_add(1) } else { 0 };
            *circuit =
                if failures >= self.settings.failures { self.open() } else { Circuit::Closed { failures } };
        }
    }

    fn open(&self) -> Circuit {
        Circuit::Open { until: self.clock.now() + self.settings.pause }
    }

    /// A panic while it was held leaves a whole value behind.
    fn lock(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller on the way. A probe that is given up on the way has found nothing, so the next caller probes.
struct Passage<'a> {
    breaker: &'a BreakingModel,
    probes: bool,
}

impl Passage<'_> {
    fn end(mut self, service_failed: bool) {
        if std::mem::take(&mut self.probes) {
            let found = if service_failed { self.breaker.open() } else { Circuit::Closed { failures: 0 } };
            *self.breaker.lock() = found;
        } else {
            self.breaker.note(service_failed);
        }
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        if self.probes {
            *self.breaker.lock() = Circuit::Open { until: self.breaker.clock.now() };
        }
    }
}

/// Tells a failure of the service from an answer that is no help: a no, a block and silence are answers.
fn is_of_service(error: &ModelError) -> bool {
    match error {
        ModelError::RateLimited { .. } | ModelError::TimedOut(_) | ModelError::Unavailable(_) => true,
        ModelError::Rejected { .. } | ModelError::Blocked { .. } | ModelError::Empty { .. } => false,
    }
}

#[async_trait]
impl LanguageModel for BreakingModel {
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        let passage = self.enter().map_err(|open| ModelError::Unavailable(open.into()))?;
        let reply = self.model.reply(request, deltas).await;
        match &reply {
            // It was not asked, so nothing was found out of it.
            Err(error) if was_too_late(error) => drop(passage),
            found => passage.end(found.as_ref().is_err_and(is_of_service)),
        }
        reply
    }
}
