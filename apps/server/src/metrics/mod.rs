//! What the server counts and times. The domain knows nothing of it: ports are measured by what is wrapped around
//! them, use cases by what they return.

mod catalogue;
mod gateways;
mod jobs;
mod page;
mod process;
mod providers;
mod requests;
mod tenant_labels;
mod turns;

use std::time::Duration;

use chrono::TimeDelta;
use metrics::{Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tokio_util::sync::CancellationToken;

pub use catalogue::{ALL, Buckets, Kind, Metric, catalogue};
pub use gateways::{MeasuredMessenger, MeasuredModel};
pub use jobs::MeasuredJobs;
pub use page::{MetricsPage, PoolFigures, Pools, Redis, RedisFigures};
pub use providers::ProviderCalls;
pub use requests::{Served, TurnedAway};
use tenant_labels::TenantLabels;
use turns::AskedAt;
pub use turns::Place;

/// How often what was timed is put into its buckets, if nobody asks for it.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// What the server has counted and timed. Each composed application has its own.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    tenants: TenantLabels,
    asked_at: AskedAt,
}

impl Metrics {
    /// Begins to count. At most so many tenants get a label of their own.
    ///
    /// # Errors
    /// When the bounds of a histogram cannot be used.
    pub fn new(most_tenants: usize) -> anyhow::Result<Self> {
        let mut builder = PrometheusBuilder::new();
        for metric in ALL {
            if let Kind::Histogram(bounds) = metric.kind {
                builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds)?;
            }
        }
        let recorder = builder.build_recorder();
        for metric in ALL {
            let (name, meaning) = (metric.name.into(), metric.meaning.into());
            match metric.kind {
                Kind::Counter => recorder.describe_counter(name, None, meaning),
                Kind::Gauge => recorder.describe_gauge(name, None, meaning),
                Kind::Histogram(_) => recorder.describe_histogram(name, None, meaning),
            }
        }
        let handle = recorder.handle();
        let (tenants, asked_at) = (TenantLabels::new(most_tenants), AskedAt::default());
        let metrics = Self { recorder, handle, tenants, asked_at };
        metrics.set(&catalogue::BUILD, &[env!("CARGO_PKG_VERSION")], 1.0);
        if let Some(started) = process::start_time() {
            metrics.set(&catalogue::PROCESS_START, &[], started);
        }
        Ok(metrics)
    }

    /// Puts what was timed into its buckets from time to time, until told to stop; otherwise it would pile up where
    /// nobody asks for it.
    pub async fn keep_up(&self, stop: CancellationToken) {
        let every = || tokio::time::timeout(UPKEEP_EVERY, stop.cancelled());
        while every().await.is_err() {
            self.handle.run_upkeep();
        }
    }

    /// Returns everything in Prometheus' text format.
    fn text(&self) -> String {
        self.handle.render()
    }

    fn count(&self, metric: &Metric, labels: &[&str]) {
        self.count_by(metric, labels, 1);
    }

    fn count_by(&self, metric: &Metric, labels: &[&str], by: u64) {
        self.recorder.register_counter(&key(metric, labels), &METADATA).increment(by);
    }

    /// Takes over a count that somebody else keeps.
    fn set_count(&self, metric: &Metric, labels: &[&str], count: u64) {
        self.recorder.register_counter(&key(metric, labels), &METADATA).absolute(count);
    }

    fn set(&self, metric: &Metric, labels: &[&str], value: f64) {
        self.recorder.register_gauge(&key(metric, labels), &METADATA).set(value);
    }

    fn time(&self, metric: &Metric, labels: &[&str], taken: Duration) {
        self.recorder.register_histogram(&key(metric, labels), &METADATA).record(taken.as_secs_f64());
    }

    /// Times what lies between two moments of the clock; the clock may have been set back between them.
    fn time_between(&self, metric: &Metric, labels: &[&str], taken: TimeDelta) {
        self.time(metric, labels, taken.to_std().unwrap_or_default());
    }
}

/// The recorder asks for it and looks at none of it.
const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, None);

fn key(metric: &Metric, values: &[&str]) -> Key {
    debug_assert_eq!(metric.labels.len(), values.len(), "{}", metric.name);
    let labels: Vec<_> = metric
        .labels
        .iter()
        .zip(values)
        .map(|(label, value)| Label::new(*label, (*value).to_owned()))
        .collect();
    Key::from_parts(metric.name, labels)
}

/// Returns a count as a number that gauges hold; beyond four thousand million it does not matter.
fn gauge(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
