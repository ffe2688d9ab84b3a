//! The last words of a process, for messages about its failure.

use std::path::Path;

/// Returns the last lines of a log; none when there is no log.
pub(crate) fn log_tail(log: &Path) -> String {
    let log = std::fs::read(log).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<_> = log.lines().rev().take(20).collect();
    format!("the end of its log:\n{}", lines.into_iter().rev().collect::<Vec<_>>().join("\n"))
}
