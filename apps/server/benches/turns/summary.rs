//! How often something was done and how long each took.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What one measurement found.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Summary {
    count: usize,
    took: Duration,
    /// p50, p95 and p99, where single latencies are known.
    percentiles: Option<[Duration; 3]>,
}

impl Summary {
    pub(crate) fn new(latencies: Vec<Duration>, took: Duration) -> Self {
        Self::of_batches(latencies.len(), latencies, took)
    }

    /// Sums up what was done in batches: the latencies are those of batches.
    pub(crate) fn of_batches(count: usize, mut latencies: Vec<Duration>, took: Duration) -> Self {
        latencies.sort_unstable();
        let at = |percent: usize| {
            let position = (latencies.len() * percent / 100).min(latencies.len().saturating_sub(1));
            latencies.get(position).copied().unwrap_or_default()
        };
        Self { count, took, percentiles: Some([at(50), at(95), at(99)]) }
    }

    pub(crate) fn without_latencies(count: usize, took: Duration) -> Self {
        Self { count, took, percentiles: None }
    }

    /// Returns the one of these that was done neither faster nor slower than most.
    pub(crate) fn median_of(summaries: &[Self]) -> Option<&Self> {
        let mut sorted: Vec<_> = summaries.iter().collect();
        sorted.sort_by(|one, other| one.per_second().total_cmp(&other.per_second()));
        sorted.get(sorted.len() / 2).copied()
    }

    pub(crate) fn count_as_f64(&self) -> f64 {
        f64::from(u32::try_from(self.count).unwrap_or(u32::MAX))
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.count_as_f64() / self.took.as_secs_f64()
    }

    /// Returns p50; nothing where single latencies are not known.
    pub(crate) fn median(&self) -> Duration {
        self.percentiles.map(|[p50, ..]| p50).unwrap_or_default()
    }

    /// Returns how many times as long its p99 is as another's; nothing where single latencies are not known.
    pub(crate) fn p99_to(&self, other: &Self) -> Option<f64> {
        let ([.., own], [.., others]) = (self.percentiles?, other.percentiles?);
        Some(own.as_secs_f64() / others.as_secs_f64())
    }

    /// Returns p50, p95 and p99 in milliseconds.
    pub(crate) fn percentiles(&self) -> String {
        let Some(percentiles) = self.percentiles else { return String::new() };
        let [p50, p95, p99] = percentiles.map(|latency| latency.as_secs_f64() * 1_000.0);
        format!("p50 {p50:>6.2} ms  p95 {p95:>6.2} ms  p99 {p99:>6.2} ms")
    }

    /// Returns the line of a table.
    pub(crate) fn line(&self, what: &str) -> String {
        format!("{what:<56} {:>8.0}/s   {}", self.per_second(), self.percentiles())
    }

    /// Returns how many times as often this was done as something else.
    pub(crate) fn ratio_to(&self, other: &Self) -> f64 {
        self.per_second() / other.per_second()
    }
}
