//! What counts calls and attempts, and the limits that are made of it.

use std::sync::Arc;

use in_process::{LocalCoolDown, LocalThrottle};
use limits::{CoolDown, Throttle};

use super::{Ports, Settings};
use crate::{
    limits::{Limits, LimitsParts},
    metrics::{Metrics, Redis},
};

/// What counts calls and attempts. Tests swap single ones.
#[derive(Clone)]
pub struct LimitPorts {
    /// Counts calls.
    pub throttle: Arc<dyn Throttle>,
    /// Counts attempts.
    pub cool_down: Arc<dyn CoolDown>,
    /// How Redis does, where it counts too.
    pub redis: Option<Redis>,
}

impl LimitPorts {
    /// Counts in this process alone.
    pub fn local() -> Self {
        Self {
            throttle: Arc::new(LocalThrottle::default()),
            cool_down: Arc::new(LocalCoolDown::default()),
            redis: None,
        }
    }
}

impl Ports {
    /// Composes the limits.
    pub(super) fn limits(&self, settings: &Settings, metrics: &Arc<Metrics>) -> Limits {
        let parts = LimitsParts {
            throttle: Arc::clone(&self.limits.throttle),
            cool_down: Arc::clone(&self.limits.cool_down),
            idempotency: Arc::clone(&self.stores.idempotency),
            clock: Arc::clone(&self.clock),
            metrics: Arc::clone(metrics),
        };
        Limits::new(parts, settings.limits.clone())
    }
}
