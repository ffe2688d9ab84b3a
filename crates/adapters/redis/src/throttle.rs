//! Counts calls for all processes together, and in this process as well.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use deadpool_redis::redis::{Script, cmd};
use kernel::Timestamp;
use limits::{Quota, Throttle, ThrottleKey, Verdict};

use crate::RedisClient;

/// A throttle that several processes share.
///
/// A call is allowed only if the local throttle and the shared count both allow it. So a Redis that is away,
/// or has forgotten everything, lets through what one process alone would, and never more.
pub struct RedisThrottle {
    client: Arc<RedisClient>,
    local: Arc<dyn Throttle>,
    take: Script,
    give_back: Script,
}

impl RedisThrottle {
    /// Makes the throttle; `local` counts in this process.
    pub fn new(client: &Arc<RedisClient>, local: Arc<dyn Throttle>) -> Self {
        Self {
            client: Arc::clone(client),
            local,
            take: Script::new(include_str!("throttle.lua")),
            give_back: Script::new(include_str!("give_back.lua")),
        }
    }

    /// Asks the shared count; `None` when Redis is of no use.
    async fn shared(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Option<Verdict> {
        let mut script = self.take.key(self.name(key));
        script.arg(now.timestamp_micros()).arg(micros(quota)).arg(quota.burst());
        let wait: u64 = self.client.script(&script).await.ok()?;
        Some(match wait {
            0 => Verdict::Allowed,
            wait => Verdict::Denied { retry_after: Duration::from_micros(wait) },
        })
    }

    /// Looks at the shared count; `None` when Redis is of no use.
    async fn shared_look(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Option<Verdict> {
        let full_at: Option<i64> = self.client.command(cmd("GET").arg(self.name(key))).await.ok()?;
        Some(quota.admit(full_at.and_then(Timestamp::from_timestamp_micros), now).verdict)
    }

    fn name(&self, key: &ThrottleKey) -> String {
        self.client.settings().name(&format!("throttle:{key}"))
    }
}

#[async_trait]
impl Throttle for RedisThrottle {
    async fn take(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Verdict {
        // The local count first: whoever floods one process costs no round trips.
        match self.local.take(key, quota, now).await {
            Verdict::Allowed => self.shared(key, quota, now).await.unwrap_or(Verdict::Allowed),
            denied @ Verdict::Denied { .. } => denied,
        }
    }

    async fn give_back(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) {
        self.local.give_back(key, quota, now).await;
        let mut script = self.give_back.key(self.name(key));
        script.arg(now.timestamp_micros()).arg(micros(quota));
        // What cannot be given back stays taken.
        let _ = self.client.script::<()>(&script).await;
    }

    async fn look(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Verdict {
        match self.local.look(key, quota, now).await {
            Verdict::Allowed => self.shared_look(key, quota, now).await.unwrap_or(Verdict::Allowed),
            denied @ Verdict::Denied { .. } => denied,
        }
    }
}

/// Returns the time in which one call is refilled, in microseconds.
fn micros(quota: &Quota) -> u64 {
    u64::try_from(quota.interval().as_micros()).unwrap_or(u64::MAX)
}
