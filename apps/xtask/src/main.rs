//! The repository's chores as one command: `cargo xtask test`, `cargo xtask ci`, `cargo xtask bench`.
//!
//! It owns no rule of its own; it finds what the chores need on this machine and runs cargo in the right order.
#![expect(clippy::print_stdout, reason = "a command line tool speaks through standard output")]

mod apt;
mod needs;
mod plan;
mod search;
mod step;
mod test_run;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::needs::{Found, NEEDS};
use crate::plan::OnFailure;
use crate::step::{Step, StepFailed};
use crate::test_run::TestRun;

/// Runs the chores of the Chatter Cheetah repository.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Runs every test, after making sure that what they need is installed.
    Test {
        /// Arguments for `cargo nextest run` (or `cargo test`), for example `-p kernel`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Runs what continuous integration runs: format, lints, tests, dependency rules.
    Ci,
    /// Measures turns in a release build.
    Bench {
        /// Arguments for the benchmark itself.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            error.downcast_ref::<StepFailed>().map_or(ExitCode::FAILURE, StepFailed::exit_code)
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Test { arguments } => {
            let needs = find_needs()?;
            let run = TestRun::new(&needs, arguments, std::env::var_os("CI").is_some());
            plan::run_all(run.steps(), OnFailure::Stop)
        }
        Task::Ci => {
            let needs = find_needs()?;
            let mut steps = plan::checks_before_tests();
            steps.extend(TestRun::new(&needs, Vec::new(), true).steps());
            steps.push(plan::dependency_rules());
            plan::run_all(steps, OnFailure::Continue)
        }
        Task::Bench { arguments } => {
            let bench = Step::cargo("measure turns", &["bench", "-p", "server", "--bench", "turns", "--"]);
            plan::run_all(vec![bench.arguments(arguments)], OnFailure::Stop)
        }
    }
}

fn find_needs() -> anyhow::Result<Vec<Found>> {
    println!("==> look for what the tests need");
    needs::ensure(NEEDS)
}
