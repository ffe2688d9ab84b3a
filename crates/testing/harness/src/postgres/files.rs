//! The folder of a cluster: making it, and starting Postgres on it.

use std::{
    ffi::OsStr,
    fs::File,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use super::{
    Durability,
    programs::{Owner, Programs},
};
use crate::{daemon::Daemon, log_tail::log_tail, run_to_end, waiting::poll};

const INITDB_TIMEOUT: Duration = Duration::from_secs(120);
/// A start after a kill recovers first.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const OLDEST_VERSION: u32 = 15;
/// The signal that ends Postgres at once, as a crash of all its processes would.
const IMMEDIATELY: &str = "QUIT";
/// As in Debian's own clusters, so that `lower()` and `ILIKE` know more letters than English has.
const LOCALE: &str = if cfg!(target_os = "macos") { "en_US.UTF-8" } else { "C.UTF-8" };

const SETTINGS: [&str; 4] =
    ["listen_addresses=127.0.0.1", "max_connections=400", "max_wal_size=256MB", "timezone=UTC"];
/// Commits stay synchronous: without a flush they cost little, and what was acknowledged survives the death of Postgres. Tests
/// have small databases; whoever measures large ones has the memory that Postgres comes with.
const IN_TESTS: [&str; 3] = ["fsync=off", "full_page_writes=off", "shared_buffers=32MB"];

/// A temporary folder with a cluster's data, log and socket. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct ClusterFiles {
    folder: TempDir,
    programs: Programs,
    owner: Owner,
    durability: Durability,
}

impl ClusterFiles {
    /// Makes an empty cluster that trusts everybody on this machine.
    pub(crate) fn make(durability: Durability, log_file_mib: u16) -> anyhow::Result<Self> {
        let programs = Programs::find()?;
        let folder = tempfile::Builder::new().prefix("cheetah-postgres-").tempdir()?;
        let owner = Owner::choose(folder.path().metadata()?.uid())?;
        owner.take(folder.path())?;
        let files = Self { folder, programs, owner, durability };
        files.initdb(log_file_mib)?;
        Ok(files)
    }

    /// Returns the folder of it all.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts Postgres on it and waits until it takes connections.
    pub(crate) fn start_on(&self, port: u16) -> anyhow::Result<Daemon> {
        let log = self.folder().join("log");
        let mut daemon = Daemon::start(&mut self.postgres(port, &log)?, IMMEDIATELY, self.folder())?;
        let ready = poll(START_TIMEOUT, || match daemon.ended()? {
            Some(status) => bail!("Postgres ended with {status} at its start; {}", log_tail(&log)),
            None => Ok(is_ready(&self.data(), daemon.id()).then_some(())),
        })?;
        ready.with_context(|| {
            format!("Postgres was not ready within {START_TIMEOUT:?}; {}", log_tail(&log))
        })?;
        Ok(daemon)
    }

    fn postgres(&self, port: u16, log: &Path) -> anyhow::Result<Command> {
        let log = File::options().create(true).append(true).open(log)?;
        let mut command = self.command("postgres");
        command.args(["-p", &port.to_string(), "-k"]).arg(self.folder());
        let relaxed: &[&str] = if self.durability == Durability::Off { &IN_TESTS } else { &[] };
        for setting in SETTINGS.iter().chain(relaxed) {
            command.args(["-c", setting]);
        }
        command.stdout(log.try_clone()?).stderr(log);
        Ok(command)
    }

    fn initdb(&self, log_file_mib: u16) -> anyhow::Result<()> {
        let mut command = self.command("initdb");
        command.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]);
        command.args([format!("--locale={LOCALE}"), format!("--wal-segsize={log_file_mib}")]);
        let output = run_to_end(&mut command, INITDB_TIMEOUT)?;
        if !output.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let version = std::fs::read_to_string(self.data().join("PG_VERSION"))?;
        if version.trim().parse().is_ok_and(|version: u32| version < OLDEST_VERSION) {
            bail!("Postgres {} is too old: install {OLDEST_VERSION} or newer", version.trim());
        }
        Ok(())
    }

    /// Prepares a program of the machine that runs as the owner of the data.
    pub(crate) fn program_of_the_owner(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        self.owner.run(&mut command);
        command
    }

    /// Runs a program on the data as their owner, without the developer's own settings.
    fn command(&self, program: &str) -> Command {
        let mut command = self.program_of_the_owner(self.programs.path(program));
        // The folder we are in may be closed to the owner.
        command.current_dir(self.folder()).arg("-D").arg(self.data());
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command
    }

    fn data(&self) -> PathBuf {
        self.folder().join("data")
    }
}

/// Tells whether this very process takes connections. It says so in a file of its data folder: the first line holds
/// its id, the eighth its state.
fn is_ready(data: &Path, process: u32) -> bool {
    let said = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let is_ours = said.lines().next() == Some(process.to_string().as_str());
    is_ours && said.lines().nth(7).is_some_and(|state| state.trim() == "ready")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_started_process_is_believed_to_be_ready() {
        let data = tempfile::tempdir().unwrap();
        assert!(!is_ready(data.path(), 7));
        for (content, process, ready) in [
            ("7\n/data\n1\n5432\n/socket\n127.0.0.1\n1 1\nready   \n", 7, true),
            ("7\n/data\n1\n5432\n/socket\n127.0.0.1\n1 1\nready   \n", 77, false),
            ("7\n/data\n1\n5432\n/socket\n127.0.0.1\n1 1\nstarting\n", 7, false),
            ("7\n/data\n1\n5432\n", 7, false),
        ] {
            std::fs::write(data.path().join("postmaster.pid"), content).unwrap();
            assert_eq!(is_ready(data.path(), process), ready, "{process} {content}");
        }
    }
}
