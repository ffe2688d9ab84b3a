//! Makes guessing slow for all processes together, and in this process as well.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use deadpool_redis::redis::{Script, cmd};
use kernel::Timestamp;
use limits::{CoolDown, CoolDownPolicy, CoolDownState, ThrottleKey, Verdict};

use crate::{RedisClient, RedisFailure};

/// How often a state is read anew that somebody else has changed meanwhile. The policy denies after fewer changes
/// than these, so that even a crowd of guesses comes to an end.
const MOST_ROUNDS: usize = 10;

/// What a guess is told that never got its turn in the crowd.
const CROWDED_OUT: Verdict = Verdict::Denied { retry_after: Duration::from_secs(1) };

/// A cool-down that several processes share.
///
/// An attempt may be made only if the shared count and the local one both allow it. So a Redis that is away,
/// or has forgotten everything, lets through what one process alone would, and never more. A success is told to
/// Redis and to this process; another process that counted failures of the same subject keeps its own count. Whom either
/// of the two knows to have succeeded has.
pub struct RedisCoolDown {
    client: Arc<RedisClient>,
    local: Arc<dyn CoolDown>,
    policy: CoolDownPolicy,
    swap: Script,
}

impl RedisCoolDown {
    /// Makes the cool-down; `local` counts in this process.
    pub fn new(client: &Arc<RedisClient>, local: Arc<dyn CoolDown>) -> Self {
        let swap = Script::new(include_str!("cool_down.lua"));
        Self { client: Arc::clone(client), local, policy: CoolDownPolicy::default(), swap }
    }

    /// Counts the attempt in Redis, by the policy of the domain: read, decide, and write if nobody was quicker.
    async fn shared(&self, subject: &ThrottleKey, now: Timestamp) -> Result<Verdict, RedisFailure> {
        let name = self.name(subject);
        let kept: Option<String> = self.client.command(cmd("GET").arg(&name)).await?;
        let mut kept = kept.unwrap_or_default();
        for _ in 0..MOST_ROUNDS {
            let (verdict, next) = self.policy.attempt(read(&kept), now);
            let next = write(next);
            if next == kept {
                return Ok(verdict);
            }
            match self.replace(&name, &kept, &next).await? {
                None => return Ok(verdict),
                Some(newer) => kept = newer,
            }
        }
        Ok(CROWDED_OUT)
    }

    /// Takes an attempt back in Redis, if nobody is quicker all the time.
    async fn take_back(&self, subject: &ThrottleKey) -> Result<(), RedisFailure> {
        let name = self.name(subject);
        let kept: Option<String> = self.client.command(cmd("GET").arg(&name)).await?;
        let mut kept = kept.unwrap_or_default();
        for _ in 0..MOST_ROUNDS {
            let Some(state) = read(&kept) else { return Ok(()) };
            match self.replace(&name, &kept, &write(self.policy.withdrawn(state))).await? {
                None => return Ok(()),
                Some(newer) => kept = newer,
            }
        }
        Ok(())
    }

    /// Writes a state unless there is another than the one that was read; then returns that one.
    async fn replace(&self, name: &str, kept: &str, next: &str) -> Result<Option<String>, RedisFailure> {
        let kept_for = u64::try_from(self.policy.forgotten_after().as_millis()).unwrap_or(u64::MAX);
        let mut swap = self.swap.key(name);
        swap.arg(kept).arg(next).arg(kept_for);
        self.client.script(&swap).await
    }

    /// Remembers a success in Redis.
    async fn remember(&self, subject: &ThrottleKey) -> Result<(), RedisFailure> {
        let kept_for = u64::try_from(self.policy.known_for().as_millis()).unwrap_or(u64::MAX);
        self.client.command(cmd("SET").arg(self.known(subject)).arg(1).arg("PX").arg(kept_for)).await
    }

    fn name(&self, subject: &ThrottleKey) -> String {
        self.client.settings().name(&format!("cool-down:{subject}"))
    }

    fn known(&self, subject: &ThrottleKey) -> String {
        self.client.settings().name(&format!("known:{subject}"))
    }
}

#[async_trait]
impl CoolDown for RedisCoolDown {
    async fn begin_attempt(&self, subject: &ThrottleKey, now: Timestamp) -> Verdict {
        // The shared count first: an attempt that it denies is not made, so it must not count here.
        let shared = self.shared(subject, now).await;
        if let Ok(denied @ Verdict::Denied { .. }) = shared {
            return denied;
        }
        let verdict = self.local.begin_attempt(subject, now).await;
        if shared.is_ok() && verdict != Verdict::Allowed {
            // It is not made after all. What cannot be taken back stays counted.
            let _ = self.take_back(subject).await;
        }
        verdict
    }

    async fn succeeded(&self, subject: &ThrottleKey, now: Timestamp) {
        self.local.succeeded(subject, now).await;
        // When Redis is away the failures stay there: the owner may have to wait once more, nobody gets in more easily.
        let _ = self.client.command::<()>(cmd("DEL").arg(self.name(subject))).await;
        let _ = self.remember(subject).await;
    }

    async fn has_succeeded(&self, subject: &ThrottleKey, now: Timestamp) -> bool {
        self.local.has_succeeded(subject, now).await
            || self.client.command(cmd("EXISTS").arg(self.known(subject))).await.unwrap_or(false)
    }

    async fn withdrawn(&self, subject: &ThrottleKey) {
        self.local.withdrawn(subject).await;
        // What cannot be taken back stays counted, as after a success.
        let _ = self.take_back(subject).await;
    }
}

/// Writes a state as Redis keeps it: failures, and the microseconds of the last and of the one before it.
fn write(state: CoolDownState) -> String {
    let CoolDownState { failures, last_at, before } = state;
    let before = before.map(|before| format!(" {}", before.timestamp_micros())).unwrap_or_default();
    format!("{failures} {}{before}", last_at.timestamp_micros())
}

/// Reads what [`write()`] wrote; `None` for anything else, as for nobody known.
fn read(text: &str) -> Option<CoolDownState> {
    let mut words = text.split(' ');
    let failures = words.next()?.parse().ok()?;
    let last_at = moment(words.next()?)?;
    Some(CoolDownState { failures, last_at, before: words.next().and_then(moment) })
}

fn moment(micros: &str) -> Option<Timestamp> {
    Timestamp::from_timestamp_micros(micros.parse().ok()?)
}
