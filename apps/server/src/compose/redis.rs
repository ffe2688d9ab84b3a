//! What several processes share through Redis: their counts, and word of what has changed, so that each may keep what
//! it has read. Nothing depends on it: see docs/operations.md for what happens without it.

use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use cheetah_redis::{
    InvalidationTiming, RedisClient, RedisCoolDown, RedisInvalidations, RedisSettings, RedisThrottle,
};
use tenancy::Invalidations;
use uuid::Uuid;

use super::{LimitPorts, Ports};
use crate::{
    metrics::RedisFigures,
    readiness::{Need, ReadinessCheck, Unready},
};

impl Ports {
    /// Shares counts, and word of changes, with all processes whose Redis and namespace are the same. It does not wait
    /// for Redis, which may be away now and at any time. Call it within a tokio runtime.
    ///
    /// # Errors
    /// When the URL is none that Redis can be reached by.
    pub fn share_through_redis(self, settings: RedisSettings) -> anyhow::Result<Self> {
        let client = RedisClient::new(settings).context("REDIS_URL cannot be used")?;
        let timing = InvalidationTiming::default();
        let changes = RedisInvalidations::start(&client, Uuid::new_v4(), timing);
        let mut checks = self.checks;
        checks.push(Arc::new(RedisCheck(Arc::clone(&client))));
        Ok(Self {
            limits: counted(&client, &changes, &self.limits),
            stores: self.stores.cached(&changes),
            checks,
            ..self
        })
    }
}

fn counted(client: &Arc<RedisClient>, changes: &Arc<dyn Invalidations>, local: &LimitPorts) -> LimitPorts {
    let (asked, changes) = (Arc::clone(client), Arc::clone(changes));
    let figures = move || {
        let counts = asked.counts();
        RedisFigures {
            commands: [("answered", counts.answered), ("failed", counts.failed), ("spared", counts.spared)],
            is_heard: changes.is_heard(),
        }
    };
    LimitPorts {
        throttle: Arc::new(RedisThrottle::new(client, Arc::clone(&local.throttle))),
        cool_down: Arc::new(RedisCoolDown::new(client, Arc::clone(&local.cool_down))),
        redis: Some(Arc::new(figures)),
    }
}

/// Redis answers.
struct RedisCheck(Arc<RedisClient>);

#[async_trait]
impl ReadinessCheck for RedisCheck {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn need(&self) -> Need {
        Need::Optional
    }

    async fn check(&self) -> Result<(), Unready> {
        self.0.health().await.map_err(|failure| Unready::because("does not answer", failure))
    }
}
