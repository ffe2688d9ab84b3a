//! A real Redis for one test: private, empty, gone with its owner. It starts in milliseconds, so nobody shares one.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! let mut redis = harness::redis::RedisServer::start()?;
//! let url = redis.url().to_owned(); // redis://127.0.0.1:PORT
//! redis.kill()?; // connections break, the data is lost
//! redis.restart()?; // at the same URL
//! # Ok(())
//! # }
//! ```

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::{
    daemon::{Daemon, signal},
    free_port::free_port,
    log_tail::log_tail,
    waiting::poll,
};

const START_TIMEOUT: Duration = Duration::from_secs(30);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// Another process may take a port between the look and the start.
const PORT_ATTEMPTS: usize = 5;

/// A running `redis-server` that keeps nothing on disk. Dropping it ends it and removes its folder; so does the death of
/// this process.
#[derive(Debug)]
pub struct RedisServer {
    // Before the folder, since fields are dropped in this order.
    daemon: Option<Daemon>,
    folder: TempDir,
    program: PathBuf,
    port: u16,
    url: String,
}

impl RedisServer {
    /// Starts the program that `CHEETAH_REDIS_SERVER` names, or the one on `PATH`, on a free port of the loopback
    /// interface.
    ///
    /// # Errors
    /// When there is none, or it does not start; with the end of its log.
    pub fn start() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("cheetah-redis-").tempdir()?;
        let program = find_program()?;
        let mut redis = Self { daemon: None, folder, program, port: 0, url: String::new() };
        let mut attempts = 1;
        loop {
            redis.port = free_port()?;
            match redis.launch() {
                Err(error) if attempts < PORT_ATTEMPTS && is_port_taken(&error) => attempts += 1,
                outcome => break outcome?,
            }
        }
        redis.url = format!("redis://127.0.0.1:{}", redis.port);
        Ok(redis)
    }

    /// Returns where it answers, such as `redis://127.0.0.1:20002`, also after a restart.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the process id, unless it was killed.
    pub fn id(&self) -> Option<u32> {
        self.daemon.as_ref().map(Daemon::id)
    }

    /// Returns the folder of its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills it with SIGKILL and waits until it is gone. Does nothing when it has ended.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.daemon.take().map_or(Ok(()), |mut daemon| daemon.end())
    }

    /// Starts it again, empty, on the same port, killing it first if it runs.
    ///
    /// # Errors
    /// When it does not start; with the end of its log.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.kill()?;
        self.launch()
    }

    /// Forgets all its data.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn flush(&self) -> anyhow::Result<()> {
        let answer = self.ask("FLUSHALL")?;
        if answer != "+OK" {
            bail!("Redis answered `{answer}` to FLUSHALL");
        }
        Ok(())
    }

    /// Stops it with SIGSTOP: connections stay open, and nothing answers.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pause(&self) -> anyhow::Result<()> {
        signal("STOP", &[self.id().context("Redis does not run")?])
    }

    /// Lets a paused Redis go on where it was.
    ///
    /// # Errors
    /// When it does not run.
    pub fn resume(&self) -> anyhow::Result<()> {
        signal("CONT", &[self.id().context("Redis does not run")?])
    }

    fn launch(&mut self) -> anyhow::Result<()> {
        let log = self.folder().join("log");
        let mut daemon = Daemon::start(&mut self.command(&log)?, "KILL", self.folder())?;
        let ready = poll(START_TIMEOUT, || match daemon.ended()? {
            Some(status) => bail!("Redis ended with {status} at its start; {}", log_tail(&log)),
            None => Ok(self.answers_as(daemon.id()).then_some(())),
        })?;
        ready.with_context(|| format!("Redis was not ready within {START_TIMEOUT:?}; {}", log_tail(&log)))?;
        self.daemon = Some(daemon);
        Ok(())
    }

    fn command(&self, log: &Path) -> anyhow::Result<Command> {
        let log = File::options().create(true).append(true).open(log)?;
        let mut command = Command::new(&self.program);
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"]);
        command.args(["--save", "", "--appendonly", "no", "--daemonize", "no"]);
        command.arg("--dir").arg(self.folder()).current_dir(self.folder());
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.stdout(log.try_clone()?).stderr(log);
        Ok(command)
    }

    /// Tells whether the port's server is this very process.
    fn answers_as(&self, process: u32) -> bool {
        let info = self.ask("INFO server").unwrap_or_default();
        info.lines().any(|line| line.strip_prefix("process_id:") == Some(&process.to_string()))
    }

    /// Sends one command and returns the answer: its line, or for a long one its text.
    fn ask(&self, command: &str) -> anyhow::Result<String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let stream = TcpStream::connect_timeout(&address, ANSWER_TIMEOUT)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
        (&stream).write_all(format!("{command}\r\n").as_bytes())?;
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let line = line.trim_end();
        let Some(length) = line.strip_prefix('$') else {
            return Ok(line.to_owned());
        };
        let mut text = String::new();
        stream.take(length.parse()?).read_to_string(&mut text)?;
        Ok(text)
    }
}

fn find_program() -> anyhow::Result<PathBuf> {
    let named = std::env::var_os("CHEETAH_REDIS_SERVER").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("redis-server"));
    let program = named.into_iter().chain(on_path).find(|place| place.is_file());
    program.context("no redis-server: run the tests with `cargo xtask test`, which brings it")
}

fn is_port_taken(error: &anyhow::Error) -> bool {
    error.to_string().contains("Address already in use")
}
