//! `cargo xtask services`: what it prints answers, and nothing of it outlives the program, however that ends.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that goes wrong")]

use std::{
    fs::{self, Permissions},
    io::{BufRead as _, BufReader},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// The program, killed at the end of a test that failed.
struct Services {
    child: Child,
    folder: TempDir,
    exports: Vec<String>,
    /// A port for each export.
    ports: Vec<u16>,
}

impl Services {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        // Postgres runs as another user when this one is root.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("services").env("TMPDIR", folder.path()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let exports: Vec<_> = lines
            .by_ref()
            .take_while(|line| !line.contains("Ctrl-C"))
            .filter_map(|line| line.strip_prefix("export ").map(str::to_owned))
            .collect();
        // postgres://user@host:port/database, redis://host:port
        let ports = exports.iter().filter_map(|url| url.rsplit(':').next()?.split('/').next()?.parse().ok());
        let ports = ports.collect();
        Self { child, folder, exports, ports }
    }

    fn answer(&self) -> bool {
        self.ports.iter().any(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok())
    }

    fn files(&self) -> usize {
        fs::read_dir(self.folder.path()).unwrap().count()
    }

    fn end_with(mut self, signal: &str) {
        assert_eq!(self.ports.len(), 3, "{:?}", self.exports);
        assert!(self.ports.iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok()));
        assert_eq!(self.files(), 2, "a folder for each");
        let kill =
            Command::new("sh").args(["-c", "kill -s $0 $1", signal, &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        self.child.wait().unwrap();
        let give_up_at = Instant::now() + Duration::from_secs(30);
        while self.answer() || self.files() > 0 {
            assert!(Instant::now() < give_up_at, "{} files are left", self.files());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn nothing_outlives_an_interrupted_program() {
    Services::start().end_with("INT");
}

#[test]
fn nothing_outlives_a_killed_program() {
    Services::start().end_with("KILL");
}

#[test]
fn the_addresses_are_lines_for_a_shell() {
    let services = Services::start();
    let starts = ["DATABASE_URL=postgres://", "REDIS_URL=redis://", "CHEETAH_TEST_POSTGRES=postgres://"];
    for (export, start) in services.exports.iter().zip(starts) {
        assert!(export.starts_with(start), "{export}");
    }
    assert_eq!(services.exports.len(), starts.len());
}
