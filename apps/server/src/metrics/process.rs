//! What the operating system says of this process. Where it says nothing, nothing is shown.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns when the process started, near enough, in seconds since 1970. Call it at the start.
pub(super) fn start_time() -> Option<f64> {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs_f64())
}

/// Returns how much memory the process has in use, in bytes.
pub(super) fn resident_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u32 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(f64::from(kibibytes) * 1_024.0)
}
