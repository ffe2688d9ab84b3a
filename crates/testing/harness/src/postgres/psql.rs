//! Statements, run by `psql`.

use std::{path::Path, process::Command, time::Duration};

use anyhow::bail;

use crate::run_to_end;

/// More than the server gives a statement, so that its own message comes first.
const PSQL_TIMEOUT: Duration = Duration::from_secs(150);
const SERVER_TIMEOUTS: &str = "-c statement_timeout=120s -c lock_timeout=120s";

/// Prepares `psql` for a URL, without anything of the developer's own settings.
pub(crate) fn command(psql: &Path, url: &str) -> Command {
    let mut command = Command::new(psql);
    command
        .args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password"])
        .args(["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=verbose"])
        .arg(format!("--dbname={url}"))
        .env_clear()
        .env("PGCONNECT_TIMEOUT", "20")
        .env("PGOPTIONS", SERVER_TIMEOUTS);
    command
}

/// Runs a statement and returns its rows, a line each. The message of an error holds the five letters of its SQLSTATE.
pub(crate) fn run(psql: &Path, url: &str, statement: &str) -> anyhow::Result<String> {
    let output = run_to_end(command(psql, url).args(["--command", statement]), PSQL_TIMEOUT)?;
    if !output.status.success() {
        bail!("`{statement}` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
