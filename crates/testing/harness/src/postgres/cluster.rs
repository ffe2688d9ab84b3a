//! A cluster of its own, which a test may treat badly.

use std::{path::Path, process::Command, time::Duration};

use anyhow::Context as _;

use super::{PostgresServer, files::ClusterFiles};
use crate::{
    daemon::{Daemon, signal},
    free_port::free_port,
    full_disk::limit_files_by,
    run_to_end,
};

/// Another process may take a port between the look and the start.
const PORT_ATTEMPTS: usize = 5;
/// What `initdb` makes unless told otherwise.
const LOG_FILE_MIB: u16 = 16;

/// Whether what is committed survives a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It does not; tests are faster so. It does survive [`PostgresCluster::kill`].
    Off,
    /// It does, and Postgres has as much memory as it takes by itself, as in production; for measurements.
    On,
}

/// A cluster that nobody else uses. Dropping it ends it and removes its folder; so does the death of this process.
#[derive(Debug)]
pub struct PostgresCluster {
    daemon: Option<Daemon>,
    files: ClusterFiles,
    port: u16,
    server: PostgresServer,
}

impl PostgresCluster {
    /// Makes a cluster and starts it on a free port of the loopback interface.
    ///
    /// # Errors
    /// When Postgres is missing or older than 15, or does not start; with the end of its log.
    pub fn start(durability: Durability) -> anyhow::Result<Self> {
        Self::with_log_files(durability, LOG_FILE_MIB)
    }

    /// Makes and starts one whose log of transactions has files of so many MiB, a power of two.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn with_log_files(durability: Durability, mib: u16) -> anyhow::Result<Self> {
        let files = ClusterFiles::make(durability, mib)?;
        let (port, daemon) = start_on_a_free_port(&files)?;
        let server = PostgresServer::at(&format!("postgres://postgres@127.0.0.1:{port}/postgres"))?;
        Ok(Self { daemon: Some(daemon), files, port, server })
    }

    /// Returns it as one that has databases.
    pub fn server(&self) -> &PostgresServer {
        &self.server
    }

    /// Returns the port, which stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the process id of the postmaster, unless it was killed.
    pub fn id(&self) -> Option<u32> {
        self.daemon.as_ref().map(Daemon::id)
    }

    /// Returns the folder of all its files.
    pub fn folder(&self) -> &Path {
        self.files.folder()
    }

    /// Ends it as `pg_ctl stop -m immediate` does: connections break, nothing is written any more, and the next start
    /// recovers. Does nothing when it has ended.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        // The postmaster would wait for the others of a paused cluster. One that has ended cannot go on.
        let _ = self.resume();
        self.daemon.take().map_or(Ok(()), |mut daemon| daemon.end())
    }

    /// Starts it again with the same data on the same port, killing it first if it runs.
    ///
    /// # Errors
    /// When it does not start; with the end of its log.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.kill()?;
        self.daemon = Some(self.files.start_on(self.port)?);
        Ok(())
    }

    /// Stops every process of it with SIGSTOP: connections stay open, and nothing answers.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.signal_all("STOP")
    }

    /// Lets a paused cluster go on where it was.
    ///
    /// # Errors
    /// When it does not run.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.signal_all("CONT")
    }

    /// Limits how far those of its processes that run now may write into a file, as [`limit_files`](crate::limit_files)
    /// does; all but the postmaster, so that it recovers should they end of it.
    ///
    /// # Errors
    /// When it does not run.
    pub fn limit_files(&self, bytes: Option<u64>) -> anyhow::Result<()> {
        for process in children(self.id().context("the cluster does not run")?)? {
            limit_files_by(self.files.program_of_the_owner("prlimit"), process, bytes)?;
        }
        Ok(())
    }

    /// The postmaster comes first: once it is stopped, there are no new processes.
    fn signal_all(&self, name: &str) -> anyhow::Result<()> {
        let postmaster = self.id().context("the cluster does not run")?;
        signal(name, &[postmaster])?;
        // One of them may just have ended; the others get the signal all the same.
        let _ = signal(name, &children(postmaster)?);
        Ok(())
    }
}

impl Drop for PostgresCluster {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = self.kill();
    }
}

fn start_on_a_free_port(files: &ClusterFiles) -> anyhow::Result<(u16, Daemon)> {
    let mut attempts = 1;
    loop {
        let port = free_port()?;
        match files.start_on(port) {
            Ok(daemon) => return Ok((port, daemon)),
            Err(error) if attempts < PORT_ATTEMPTS && error.to_string().contains("could not bind") => {
                attempts += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

fn children(process: u32) -> anyhow::Result<Vec<u32>> {
    let output = run_to_end(Command::new("ps").args(["-A", "-o", "pid=,ppid="]), Duration::from_secs(20))?;
    let table = String::from_utf8_lossy(&output.stdout);
    let rows = table.lines().filter_map(|row| row.trim().split_once(' '));
    let rows = rows.filter(|(_, parent)| parent.trim().parse() == Ok(process));
    Ok(rows.filter_map(|(id, _)| id.parse().ok()).collect())
}
