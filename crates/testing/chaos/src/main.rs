//! Drives real servers with customers who write, while it kills, stops, slows, cuts and floods, and counts at the carrier
//! what became of each message. `cargo xtask chaos` builds the server for it and starts it.
#![expect(clippy::print_stdout, reason = "a command line tool speaks through standard output")]

mod customers;
mod disturbances;
mod evidence;
mod fate;
mod heard;
mod ledger;
mod processes;
mod spans;
mod stage;
mod suspensions;
mod verdict;

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::{Parser, ValueEnum};

use crate::{stage::Stage, verdict::Verdict};

/// Breaks an installation in every way, and counts what was lost.
#[derive(Debug, Parser)]
struct Cli {
    /// The server's program, built with the feature `failpoints`; the one beside this program without it.
    #[arg(long)]
    server: Option<PathBuf>,
    /// How long customers write on each database.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// What decides what goes wrong, and in which order; a new one without it.
    #[arg(long)]
    seed: Option<u64>,
    /// Where to keep what shows how a promise was broken: the servers' logs, the rows, and what the carrier has.
    #[arg(long, default_value = "target/chaos")]
    evidence: PathBuf,
    /// The database; both without it.
    #[arg(long, value_enum)]
    database: Option<DatabaseKind>,
}

/// Where the servers keep what they know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DatabaseKind {
    /// One server.
    Sqlite,
    /// Two servers, two workers and a Redis.
    Postgres,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let seed = cli.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let both = [DatabaseKind::Sqlite, DatabaseKind::Postgres];
    let databases = cli.database.map_or(both.to_vec(), |one| vec![one]);
    let mut kept = true;
    for database in databases {
        println!("\n{database:?}, seed {seed}: `cargo xtask chaos --minutes {} --seed {seed}`", cli.minutes);
        let verdict = run(&cli, database, seed).await?;
        println!("{verdict}");
        kept &= verdict.is_kept();
    }
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Lets customers write while things go wrong, puts everything right again, and waits for what is still owed.
async fn run(cli: &Cli, database: DatabaseKind, seed: u64) -> anyhow::Result<Verdict> {
    let beside = std::env::current_exe()?.with_file_name("cheetah");
    let stage = Arc::new(Stage::open(cli.server.as_ref().unwrap_or(&beside), database, seed).await?);
    let ends_in = Duration::from_secs_f64(cli.minutes * 60.0);
    let disturbing = tokio::spawn(disturbances::disturb(Arc::clone(&stage), seed, ends_in));
    let listening = tokio::spawn(stage::listen(Arc::clone(&stage)));
    let mut written = customers::write(Arc::clone(&stage), seed, ends_in).await;
    let mut disturbed = disturbing.await??;
    written.append(&mut disturbed.flooded);
    let verdict = Verdict::of(&stage, seed, &written, disturbed).await?;
    listening.abort();
    // So that nobody else holds the stage.
    let _ = listening.await;
    if !verdict.is_kept() {
        let folder = cli.evidence.join(format!("{database:?}-{seed}").to_lowercase());
        match evidence::keep(&stage, &folder) {
            Ok(()) => println!("evidence in {}", folder.display()),
            // What was found is worth more than what shows it.
            Err(error) => println!("the evidence cannot be kept in {}: {error:#}", folder.display()),
        }
    }
    Ok(verdict)
}
