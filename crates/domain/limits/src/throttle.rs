//! The port that counts calls.

use async_trait::async_trait;
use kernel::Timestamp;

use crate::{Quota, ThrottleKey, Verdict};

/// Counts calls against quotas, as [`Quota::admit`] says.
///
/// It cannot fail, so it cannot fail open: an adapter whose shared state cannot be reached MUST count by itself,
/// within this process, and MUST NOT keep its caller waiting for the shared state.
///
/// Calls at once MUST NOT share an allowance. One key is always asked with the same quota, save when the operator
/// has changed it.
#[async_trait]
pub trait Throttle: Send + Sync {
    /// Takes one call out of the key's quota, if there is one left.
    async fn take(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Verdict;

    /// Gives back one call that was taken, because it turned out not to count. Whoever took nothing MUST NOT give back.
    /// Where nothing is known of the key any more, nothing is done.
    async fn give_back(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp);

    /// Says what a call would be told now, and takes nothing: for what is counted only once it has failed.
    async fn look(&self, key: &ThrottleKey, quota: &Quota, now: Timestamp) -> Verdict;
}
