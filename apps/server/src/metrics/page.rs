//! The page of metrics: what was counted, and what is looked up when somebody asks.

use std::{sync::Arc, time::Duration};

use conversation::JobQueue;
use kernel::Clock;
use tenancy::PlatformScope;

use super::{
    Metrics, ProviderCalls,
    catalogue::{
        HTTP_PLACES, MODEL_PROVIDER_CALLS, POOL, PROCESS_MEMORY, QUEUE_AGE, REDIS_COMMANDS, REDIS_HEARD,
    },
    gauge, process,
};
use crate::http::middleware::Lanes;

/// How long looking at the queue may take; then the page comes without it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much of a pool of connections is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFigures {
    /// Which pool.
    pub name: &'static str,
    /// Connections that somebody uses.
    pub in_use: usize,
    /// Connections that nobody uses.
    pub free: usize,
    /// How many wait for one.
    pub waiting: usize,
}

/// Tells how much of the database's pools is in use.
pub type Pools = Arc<dyn Fn() -> Vec<PoolFigures> + Send + Sync>;

/// How Redis does, since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedisFigures {
    /// Commands by what came of them.
    pub commands: [(&'static str, u64); 3],
    /// Whether word of changes arrives.
    pub is_heard: bool,
}

/// Tells how Redis does.
pub type Redis = Arc<dyn Fn() -> RedisFigures + Send + Sync>;

/// The page of metrics.
pub struct MetricsPage {
    /// What was counted.
    pub metrics: Arc<Metrics>,
    /// Whose oldest job is looked up.
    pub jobs: Arc<dyn JobQueue>,
    /// The right to look.
    pub platform: PlatformScope,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Whose places are looked up.
    pub lanes: Arc<Lanes>,
    /// The database's pools.
    pub pools: Pools,
    /// What came of what each provider of words was asked.
    pub provider_calls: Arc<ProviderCalls>,
    /// Redis, where there is one.
    pub redis: Option<Redis>,
}

impl MetricsPage {
    /// The media type of the page.
    pub const CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    /// Returns the page.
    pub async fn render(&self) -> String {
        self.look_at_queue().await;
        for (lane, in_use, free) in self.lanes.places() {
            self.metrics.set(&HTTP_PLACES, &[lane, "in_use"], gauge(in_use));
            self.metrics.set(&HTTP_PLACES, &[lane, "free"], gauge(free));
        }
        for pool in (self.pools)() {
            let states = [("in_use", pool.in_use), ("free", pool.free), ("waiting", pool.waiting)];
            for (state, count) in states {
                self.metrics.set(&POOL, &[pool.name, state], gauge(count));
            }
        }
        for ((provider, outcome), count) in self.provider_calls.counts() {
            self.metrics.set_count(&MODEL_PROVIDER_CALLS, &[provider, outcome], count);
        }
        if let Some(redis) = &self.redis {
            let figures = redis();
            for (outcome, count) in figures.commands {
                self.metrics.set_count(&REDIS_COMMANDS, &[outcome], count);
            }
            self.metrics.set(&REDIS_HEARD, &[], if figures.is_heard { 1.0 } else { 0.0 });
        }
        if let Some(bytes) = process::resident_memory() {
            self.metrics.set(&PROCESS_MEMORY, &[], bytes);
        }
        self.metrics.text()
    }

    /// A database that is down must not take the page away, which is looked at most just then.
    async fn look_at_queue(&self) {
        let asked = tokio::time::timeout(PATIENCE, self.jobs.next_due(&self.platform)).await;
        let age = match asked {
            Ok(Ok(due)) => {
                due.map_or(0.0, |due| (self.clock.now() - due).to_std().unwrap_or_default().as_secs_f64())
            }
            Ok(Err(_)) | Err(_) => f64::NAN,
        };
        self.metrics.set(&QUEUE_AGE, &[], age);
    }
}
