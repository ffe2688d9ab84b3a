//! Log lines: their format, their filter, and what a panic writes.

use std::{error::Error, io::IsTerminal as _, panic};

use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{Config, LogFormat};

/// Begins logging to standard error, as the configuration says.
///
/// # Errors
/// When the filter cannot be read, or logging was begun before.
pub fn init(config: &Config) -> anyhow::Result<()> {
    // Below this the driver writes what it sends, names and digests among it, whatever the operator asks for.
    let filter = EnvFilter::try_new(&config.log_filter)?.add_directive("tokio_postgres=info".parse()?);
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match config.log_format {
        LogFormat::Text => registry.with(lines.with_target(false)).try_init()?,
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init()?,
    }
    log_panics();
    Ok(())
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
