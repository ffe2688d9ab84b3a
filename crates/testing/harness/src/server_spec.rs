//! What server to start, and the waiting until it is there.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read},
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::{ServerProcess, run_to_end};

/// How long a start may take: a debug build on a loaded machine migrates and makes its keys.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// What the server prints in front of its address.
const ANSWERS_AT: &str = "Chatter Cheetah answers at ";

/// What to start.
#[derive(Clone, Debug)]
pub struct ServerSpec {
    program: PathBuf,
    command: String,
    arguments: Vec<String>,
    data_dir: PathBuf,
    variables: Vec<(String, String)>,
}

impl ServerSpec {
    /// Starts `program serve` with its files in `data_dir`, on a port that the system chooses.
    pub fn serve(program: impl Into<PathBuf>, data_dir: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            command: "serve".into(),
            arguments: Vec::new(),
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

    /// Adds an argument behind the command.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Starts the process and waits until it says where it answers.
    ///
    /// # Errors
    /// When it does not start, or ends or says nothing in time; with the end of its log.
    pub fn start(&self) -> anyhow::Result<ServerProcess> {
        let (mut process, stdout) = self.spawn()?;
        let (found, address) = mpsc::channel();
        thread::spawn(move || read_for_address(stdout, &found));
        let address = address.recv_timeout(START_TIMEOUT);
        let address = address.context("the server did not say where it answers");
        process.set_base_url(address.with_context(|| process.log_tail())?);
        Ok(process)
    }

    /// Starts the process and waits until it logs these words, for what prints no address. If an address follows
    /// them, that is the base URL.
    ///
    /// # Errors
    /// When it does not start, or ends or logs nothing of the kind in time; with the end of its log.
    pub fn start_until_logged(&self, words: &str) -> anyhow::Result<ServerProcess> {
        let logged_before = std::fs::read(self.log()).map_or(0, |log| log.len());
        let (mut process, stdout) = self.spawn()?;
        thread::spawn(move || read_for_address(stdout, &mpsc::channel().0));
        let give_up_at = Instant::now() + START_TIMEOUT;
        while Instant::now() < give_up_at {
            let log = process.log()?;
            let new = log.get(logged_before..).unwrap_or_default();
            // Only a line that is whole holds a whole address.
            let said = new.rsplit_once('\n').and_then(|(lines, _)| lines.split_once(words));
            if let Some((_, rest)) = said {
                let address = rest.split(|c: char| c.is_whitespace() || c == '"').next();
                process.set_base_url(address.unwrap_or_default().to_owned());
                return Ok(process);
            }
            if let Some(status) = process.ended()? {
                bail!("it ended with {status}; {}", process.log_tail());
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("it did not log {words:?}; {}", process.log_tail())
    }

    /// Runs the process to its end, for what does not stay, and returns what it printed.
    ///
    /// # Errors
    /// When it does not start, or has not ended within the time.
    pub fn run_to_end(&self, within: Duration) -> anyhow::Result<Output> {
        run_to_end(&mut self.prepared()?, within)
    }

    /// Each command has a log of its own, so that processes that share a folder can be told apart.
    fn log(&self) -> PathBuf {
        self.data_dir.join(format!("{}.log", self.command))
    }

    fn spawn(&self) -> anyhow::Result<(ServerProcess, impl Read + Send + 'static)> {
        let mut command = self.prepared()?;
        let log = self.log();
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(File::options().create(true).append(true).open(&log)?);
        let child = command.spawn();
        let mut child = child.with_context(|| format!("cannot start {}", self.program.display()))?;
        let stdout = child.stdout.take();
        let process = ServerProcess::new(child, self.data_dir.clone(), log);
        Ok((process, stdout.context("the process has no output")?))
    }

    fn prepared(&self) -> anyhow::Result<Command> {
        std::fs::create_dir_all(&self.data_dir)?;
        let mut command = Command::new(&self.program);
        command
            .arg(&self.command)
            .args(&self.arguments)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("DATA_DIR", &self.data_dir)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            // A .env file of the developer must not leak into tests.
            .current_dir(&self.data_dir);
        Ok(command)
    }
}

/// Reads the output until the address comes, and goes on reading, so that the process never waits for a reader.
fn read_for_address(stdout: impl Read, found: &mpsc::Sender<String>) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Some(address) = line.strip_prefix(ANSWERS_AT) {
            // Nobody listens any more once the address is known.
            let _ = found.send(address.trim().to_owned());
        }
    }
}
