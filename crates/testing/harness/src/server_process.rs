//! A real server process with a data folder of its own.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use anyhow::bail;

use crate::{daemon::signal, log_tail::log_tail};

/// How long a polite stop may take before the process is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(40);

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    base_url: String,
    data_dir: PathBuf,
    log: PathBuf,
}

impl ServerProcess {
    pub(crate) fn new(child: Child, data_dir: PathBuf, log: PathBuf) -> Self {
        Self { child, base_url: String::new(), data_dir, log }
    }

    /// Returns where it answers, such as `http://127.0.0.1:40001`. The process said so itself, so it is no other.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(crate) fn set_base_url(&mut self, base_url: String) {
        self.base_url = base_url;
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the folder of its files.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Returns all that it has logged, over all starts of this command in this folder.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn log(&self) -> anyhow::Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(&self.log)?).into_owned())
    }

    /// Kills it as a power cut would, with SIGKILL, and waits until it is gone.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop, with SIGTERM, and waits until it has.
    ///
    /// # Errors
    /// When it does not stop in time, or with a failure.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        if !told.success() {
            bail!("the process cannot be told to stop");
        }
        let give_up_at = Instant::now() + STOP_TIMEOUT;
        while Instant::now() < give_up_at {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("it stopped with {status}; {}", self.log_tail()),
                None => thread::sleep(Duration::from_millis(20)),
            }
        }
        bail!("it did not stop within {STOP_TIMEOUT:?}; {}", self.log_tail())
    }

    /// Stops it with SIGSTOP: its connections stay open, and it does nothing.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pause(&self) -> anyhow::Result<()> {
        signal("STOP", &[self.id()])
    }

    /// Lets it go on where it was.
    ///
    /// # Errors
    /// When it does not run.
    pub fn resume(&self) -> anyhow::Result<()> {
        signal("CONT", &[self.id()])
    }

    /// Returns how it ended, if it has.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    pub(crate) fn log_tail(&self) -> String {
        log_tail(&self.log)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
