//! Idempotency keys that are older than a repeat may be are deleted now and then.

use std::{sync::Arc, time::Duration};

use kernel::{Clock, StoreError};
use limits::{IdempotencyStore, KEPT_FOR};
use tenancy::PlatformScope;
use tokio_util::sync::CancellationToken;

use crate::telemetry::with_sources;

/// How often it is done.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// How many keys are deleted in one go: a statement that nobody has to wait for long.
const BATCH: usize = 500;
/// How many goes there are at once.
const MOST_BATCHES: usize = 200;
/// How long is waited where more is left than goes at once: keys may come faster than that every hour.
const BREATH: Duration = Duration::from_secs(10);

/// Deletes old idempotency keys.
pub struct OldKeys {
    /// Where they are.
    pub store: Arc<dyn IdempotencyStore>,
    /// The right to delete anybody's.
    pub platform: PlatformScope,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl OldKeys {
    /// Deletes what is too old, and returns how many keys that were.
    ///
    /// # Errors
    /// When the store fails; what was deleted by then stays deleted.
    pub async fn forget(&self) -> Result<usize, StoreError> {
        let before = self.clock.now() - KEPT_FOR;
        let mut forgotten = 0;
        for _ in 0..MOST_BATCHES {
            let batch = self.store.purge(&self.platform, before, BATCH).await?;
            forgotten += batch;
            if batch < BATCH {
                break;
            }
        }
        Ok(forgotten)
    }

    /// Deletes what is too old at once and then every hour, or as soon as may be where more is left, until told to stop.
    pub async fn keep_forgetting(&self, stop: CancellationToken) {
        loop {
            let forgotten = self.forget().await;
            match &forgotten {
                Ok(0) => {}
                Ok(keys) => tracing::info!(keys, "old idempotency keys were deleted"),
                Err(error) => {
                    tracing::warn!(error = with_sources(error), "old idempotency keys cannot be deleted");
                }
            }
            let is_more_left = forgotten.is_ok_and(|keys| keys >= BATCH * MOST_BATCHES);
            let pause = if is_more_left { BREATH } else { EVERY };
            if tokio::time::timeout(pause, stop.cancelled()).await.is_ok() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::testing::ManualClock;
    use limits::{
        Begun, CallerId, Fingerprint, IdempotencyKey, IdempotencyOwner, testing::MemoryIdempotencyStore,
    };
    use tenancy::testing::platform;

    use super::*;

    fn old_keys() -> (OldKeys, Arc<ManualClock>) {
        let clock = Arc::<ManualClock>::default();
        let store = Arc::<MemoryIdempotencyStore>::default();
        (OldKeys { store, platform: platform(), clock: clock.clone() }, clock)
    }

    /// Begins requests with keys of these numbers, and returns whether nobody knew any of them.
    async fn begin(keys: &OldKeys, numbers: std::ops::Range<usize>) -> bool {
        let (caller, asked) = (CallerId::parse("tests").unwrap(), Fingerprint::of("POST", "/", b""));
        let mut all_new = true;
        for number in numbers {
            let key = IdempotencyKey::parse(&format!("key-{number}")).unwrap();
            let owner = IdempotencyOwner::Platform(&keys.platform);
            let lease = Duration::from_secs(7 * 24 * 3600);
            let begun = keys.store.begin(owner, &key, &caller, &asked, keys.clock.now(), lease).await;
            all_new &= matches!(begun.unwrap(), Begun::Started(_));
        }
        all_new
    }

    #[tokio::test]
    async fn what_is_older_than_a_day_goes_however_much_it_is_and_the_rest_stays() {
        let (keys, clock) = old_keys();
        assert!(begin(&keys, 0..2 * BATCH + 3).await);
        clock.advance(TimeDelta::hours(20));
        assert!(begin(&keys, 5_000..5_010).await);
        assert_eq!(keys.forget().await.unwrap(), 0, "nothing is a day old");
        clock.advance(TimeDelta::hours(5));
        assert_eq!(keys.forget().await.unwrap(), 2 * BATCH + 3);
        assert_eq!(keys.forget().await.unwrap(), 0);
        assert!(!begin(&keys, 5_000..5_001).await, "what is younger is still known");
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_done_at_once_and_every_hour_until_told_to_stop() {
        let (keys, clock) = old_keys();
        let (keys, stop) = (Arc::new(keys), CancellationToken::new());
        begin(&keys, 0..1).await;
        let (work, told) = (Arc::clone(&keys), stop.clone());
        let work = tokio::spawn(async move { work.keep_forgetting(told).await });
        tokio::time::sleep(EVERY / 2).await;
        clock.advance(TimeDelta::hours(25));
        tokio::time::sleep(EVERY).await;
        assert_eq!(keys.forget().await.unwrap(), 0, "the hour after has done it");
        stop.cancel();
        work.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn where_more_is_left_than_goes_at_once_it_goes_on_within_the_minute() {
        let (keys, clock) = old_keys();
        let (keys, stop) = (Arc::new(keys), CancellationToken::new());
        begin(&keys, 0..BATCH * MOST_BATCHES + 1).await;
        clock.advance(TimeDelta::hours(25));
        let (work, told) = (Arc::clone(&keys), stop.clone());
        let work = tokio::spawn(async move { work.keep_forgetting(told).await });
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(keys.forget().await.unwrap(), 0, "none is left for the next hour");
        stop.cancel();
        work.await.unwrap();
    }
}
