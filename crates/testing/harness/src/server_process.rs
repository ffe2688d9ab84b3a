//! A real server process with a data folder of its own.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

/// How long a start may take: a debug build on a loaded machine migrates and makes its keys.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a polite stop may take before the process is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(40);
/// What the server prints in front of its address.
const ANSWERS_AT: &str = "Chatter Cheetah answers at ";

/// What to start.
#[derive(Clone, Debug)]
pub struct ServerSpec {
    program: PathBuf,
    command: String,
    data_dir: PathBuf,
    variables: Vec<(String, String)>,
}

impl ServerSpec {
    /// Starts `program serve` with its files in `data_dir`, on a port that the system chooses.
    pub fn serve(program: impl Into<PathBuf>, data_dir: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            command: "serve".into(),
            data_dir: data_dir.into(),
            variables: vec![("BIND".into(), "127.0.0.1:0".into()), ("RUST_LOG".into(), "debug".into())],
        }
    }

    /// Sets an environment variable. Nothing is inherited but `PATH`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Runs another command of the program.
    #[must_use]
    pub fn command(mut self, command: &str) -> Self {
        self.command = command.into();
        self
    }

    /// Starts the process and waits until it says where it answers.
    ///
    /// # Errors
    /// When it does not start, or ends or says nothing in time; with the end of its log.
    pub fn start(&self) -> anyhow::Result<ServerProcess> {
        let mut process = self.spawn()?;
        let stdout = process.child.stdout.take().context("the process has no output")?;
        process.base_url = wait_for_address(stdout).with_context(|| process.log_tail())?;
        Ok(process)
    }

    /// Starts the process and waits until it logs these words, for what prints no address. If the words end in an
    /// address, that is the base URL.
    ///
    /// # Errors
    /// When it does not start, or ends or logs nothing of the kind in time; with the end of its log.
    pub fn start_until_logged(&self, words: &str) -> anyhow::Result<ServerProcess> {
        let logged_before = std::fs::read(self.log()).map_or(0, |log| log.len());
        let mut process = self.spawn()?;
        let give_up_at = Instant::now() + START_TIMEOUT;
        while Instant::now() < give_up_at {
            let log = process.log()?;
            let new = log.get(logged_before..).unwrap_or_default();
            if let Some((_, rest)) = new.split_once(words) {
                let address = rest.split(|c: char| c.is_whitespace() || c == '"').next();
                address.unwrap_or_default().clone_into(&mut process.base_url);
                return Ok(process);
            }
            if let Some(status) = process.child.try_wait()? {
                bail!("it ended with {status}; {}", process.log_tail());
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("it did not log {words:?}; {}", process.log_tail())
    }

    fn log(&self) -> PathBuf {
        self.data_dir.join("server.log")
    }

    fn spawn(&self) -> anyhow::Result<ServerProcess> {
        std::fs::create_dir_all(&self.data_dir)?;
        let log = self.log();
        let child = Command::new(&self.program)
            .arg(&self.command)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("DATA_DIR", &self.data_dir)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            // A .env file of the developer must not leak into tests.
            .current_dir(&self.data_dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(&log)?)
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        Ok(ServerProcess { child, base_url: String::new(), data_dir: self.data_dir.clone(), log })
    }
}

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    base_url: String,
    data_dir: PathBuf,
    log: PathBuf,
}

impl ServerProcess {
    /// Returns where it answers, such as `http://127.0.0.1:40001`. The process said so itself, so it is no other.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the folder of its files.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Returns all that it has logged, over all starts in this folder.
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

    fn log_tail(&self) -> String {
        let log = self.log().unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(20).collect();
        format!("the end of its log:\n{}", lines.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the output until the address comes, and goes on reading, so that the process never waits for a reader.
fn wait_for_address(stdout: impl std::io::Read + Send + 'static) -> anyhow::Result<String> {
    let (found, address) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(address) = line.strip_prefix(ANSWERS_AT) {
                // Nobody listens any more once the address is known.
                let _ = found.send(address.trim().to_owned());
            }
        }
    });
    address.recv_timeout(START_TIMEOUT).context("the server did not say where it answers")
}
