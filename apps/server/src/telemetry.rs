//! Log lines: their format, their filter, and what a panic writes; and traces, where a collector takes them.

mod traces;

use std::{error::Error, io::IsTerminal as _, panic};

use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{Config, LogFormat};
use traces::Traces;

/// What has been begun and has to be ended, so that nothing is lost.
#[must_use]
pub struct Telemetry(Option<Traces>);

impl Telemetry {
    /// Sends what has not been sent.
    pub async fn end(self) {
        if let Some(traces) = self.0 {
            traces.end().await;
        }
    }
}

/// Begins logging to standard error, as the configuration says, and sending traces where it names a collector.
///
/// # Errors
/// When the filter or the collector's address cannot be used, or logging was begun before.
pub fn init(config: &Config) -> anyhow::Result<Telemetry> {
    // Below this the driver writes what it sends, names and digests among it, whatever the operator asks for.
    let filter = EnvFilter::try_new(&config.log_filter)?.add_directive("tokio_postgres=info".parse()?);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let lines = match config.log_format {
        LogFormat::Text => lines.with_target(false).with_filter(filter).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
    };
    let collector = config.operations.otlp_endpoint.as_ref();
    let traces = collector.map(|collector| Traces::begin(config, collector)).transpose()?;
    let layers: Vec<_> = traces.iter().map(Traces::layer).chain([lines]).collect();
    tracing_subscriber::registry().with(layers).try_init()?;
    log_panics();
    Ok(Telemetry(traces))
}

/// A panic's message may quote what was being worked on, so only its place is logged.
fn log_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string);
        tracing::error!(panic.place = place, "a task panicked");
    }));
}

/// Returns an error in the shape that a log line shows with all its sources.
pub fn with_sources<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    error
}
