//! Template databases, each made once however many processes ask for it.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Stdio},
};

use anyhow::{Context as _, bail};

use super::PostgresServer;

/// What the session says once it has the lock.
const LOCKED: &str = "locked";

/// Makes the template unless it is complete, while no other process does so.
pub(crate) fn ensure(
    server: &PostgresServer,
    name: &str,
    make: impl FnOnce(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if is_complete(server, name)? {
        return Ok(());
    }
    let _lock = Lock::take(server, name)?;
    if is_complete(server, name)? {
        return Ok(());
    }
    // Somebody may have begun it and failed.
    server.query_maintenance(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
    server.query_maintenance(&format!("CREATE DATABASE {name} TEMPLATE template0"))?;
    make(&server.url(name)).with_context(|| format!("making the template `{name}`"))?;
    seal(server, name)
}

/// Returns the name of the template with the newest schema. It changes with the migrations.
pub(crate) fn name_of_schema() -> anyhow::Result<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../migrations/postgres");
    let migrations = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut files =
        migrations.map(|entry| Ok(entry?.path().join("up.sql"))).collect::<anyhow::Result<Vec<_>>>()?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(&file).with_context(|| file.display().to_string())?.hash(&mut hasher);
    }
    Ok(format!("cheetah_{:016x}", hasher.finish()))
}

/// Only a complete one is marked as a template.
fn is_complete(server: &PostgresServer, name: &str) -> anyhow::Result<bool> {
    let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}' AND datistemplate");
    Ok(!server.query_maintenance(&sql)?.is_empty())
}

/// Whoever is connected to it would stand in the way of every copy, so nobody is from now on.
fn seal(server: &PostgresServer, name: &str) -> anyhow::Result<()> {
    server.query_maintenance(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))?;
    let connected = format!("FROM pg_stat_activity WHERE datname = '{name}'");
    server.query_maintenance(&format!("SELECT pg_terminate_backend(pid, 5000) {connected}"))?;
    server.query_maintenance(&format!("ALTER DATABASE {name} IS_TEMPLATE true"))?;
    Ok(())
}

/// A lock that the server keeps for a session. It goes with the session, so also with the process that holds it.
struct Lock {
    session: Child,
}

impl Lock {
    fn take(server: &PostgresServer, name: &str) -> anyhow::Result<Self> {
        let mut session = server.maintenance_session();
        session.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut session = Self { session: session.spawn().context("cannot start psql")? };
        session.wait_for(lock_number(name))?;
        Ok(session)
    }

    /// Blocks while another has it; the server gives up after its time-out, and then `psql` ends.
    fn wait_for(&mut self, number: u64) -> anyhow::Result<()> {
        let stdin = self.session.stdin.as_mut().context("psql has no input")?;
        // Without rows; what it prints is the line after.
        writeln!(stdin, "SELECT pg_advisory_lock({number}) \\g /dev/null\n\\echo {LOCKED}")?;
        stdin.flush()?;
        let stdout = self.session.stdout.as_mut().context("psql has no output")?;
        let mut said = String::new();
        BufReader::new(stdout).read_line(&mut said)?;
        if said.trim() != LOCKED {
            bail!("another process keeps on making this template, or the server has gone");
        }
        Ok(())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The end of its input ends it, and with it the lock. It may have ended already.
        drop(self.session.stdin.take());
        let _ = self.session.wait();
    }
}

/// Returns the lock's number: the server knows locks only by numbers. The hash is the same in every process of a build.
fn lock_number(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    // The server's numbers have a sign.
    hasher.finish() >> 1
}
