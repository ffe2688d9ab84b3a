//! A disk that is full for one process.

use std::{path::Path, process::Command};

use anyhow::ensure;

/// Limits how far a process of the same user may write into any of its files, which for what lies behind is as if the disk
/// were full; `None` lifts the limit. One that has ended is no error; one that does not ignore SIGXFSZ dies of it.
///
/// # Errors
/// When `prlimit` is missing or refuses.
pub fn limit_files(process: u32, bytes: Option<u64>) -> anyhow::Result<()> {
    limit_files_by(Command::new("prlimit"), process, bytes)
}

/// Does so with a `prlimit` that runs as somebody else.
pub(crate) fn limit_files_by(mut prlimit: Command, process: u32, bytes: Option<u64>) -> anyhow::Result<()> {
    let bytes = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
    prlimit.args(["--pid".to_owned(), process.to_string(), format!("--fsize={bytes}:")]);
    let said = prlimit.output()?;
    let is_done = said.status.success() || !Path::new(&format!("/proc/{process}")).exists();
    ensure!(is_done, "process {process} cannot be limited: {}", String::from_utf8_lossy(&said.stderr).trim());
    Ok(())
}
