//! Until when a process may believe that it hears everything that is said.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

/// Until when the last proof holds. Read by every cached read, so it is one atomic number.
#[derive(Debug)]
pub(super) struct Hearing {
    start: Instant,
    silence: Duration,
    /// Microseconds after `start`; 0 when nothing is heard.
    good_until: AtomicU64,
}

impl Hearing {
    /// Makes one that hears nothing yet.
    pub(super) fn new(silence: Duration) -> Self {
        Self { start: Instant::now(), silence, good_until: AtomicU64::new(0) }
    }

    /// Returns the present moment as beats carry it.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Notes that a beat was heard. It proves what was said until it was *sent*: one that lay about for long
    /// proves little.
    pub(super) fn heard(&self, sent: u64) {
        let silence = u64::try_from(self.silence.as_micros()).unwrap_or(u64::MAX);
        self.good_until.fetch_max(sent.saturating_add(silence), Ordering::SeqCst);
    }

    /// Notes that something may have been missed.
    pub(super) fn lost(&self) {
        self.good_until.store(0, Ordering::SeqCst);
    }

    /// Tells whether everything that is said is known to be heard.
    pub(super) fn is_good(&self) -> bool {
        self.now() < self.good_until.load(Ordering::SeqCst)
    }

    /// Returns when the last proof ends, or for one who has just begun to listen, would end.
    pub(super) fn deadline(&self, began: Instant) -> Instant {
        let good_until = Duration::from_micros(self.good_until.load(Ordering::SeqCst));
        (self.start + good_until).max(began + self.silence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENCE: Duration = Duration::from_secs(3);

    #[tokio::test(start_paused = true)]
    async fn nothing_is_good_before_the_first_beat_and_after_a_loss() {
        let hearing = Hearing::new(SILENCE);
        assert!(!hearing.is_good());
        hearing.heard(hearing.now());
        assert!(hearing.is_good());
        hearing.lost();
        assert!(!hearing.is_good());
    }

    #[tokio::test(start_paused = true)]
    async fn a_proof_ends_three_seconds_after_the_beat_was_sent() {
        let hearing = Hearing::new(SILENCE);
        let sent = hearing.now();
        tokio::time::advance(Duration::from_secs(2)).await;
        hearing.heard(sent);
        assert!(hearing.is_good());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!hearing.is_good());
    }

    #[tokio::test(start_paused = true)]
    async fn a_beat_that_lay_about_proves_nothing() {
        let hearing = Hearing::new(SILENCE);
        let sent = hearing.now();
        tokio::time::advance(Duration::from_secs(4)).await;
        hearing.heard(sent);
        assert!(!hearing.is_good());
    }
}
