//! The repository's chores as one command: `cargo xtask test`, `services`, `ci`, `bench`,
//! `chaos`, `fuzz`, `schemathesis`.
//!
//! It owns no rule of its own; it finds and starts what the chores need and runs cargo in the right order.
#![expect(clippy::print_stdout, reason = "a command line tool speaks through standard output")]

mod apt;
mod fuzz;
mod needs;
mod plan;
mod schemathesis;
mod search;
mod services;
mod step;
mod test_run;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::needs::{Found, Need, PROGRAMS, SERVICES};
use crate::plan::OnFailure;
use crate::services::SharedPostgres;
use crate::step::{Step, StepFailed};
use crate::test_run::{Database, TestRun};

/// Runs the chores of the Chatter Cheetah repository.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Runs every test, after making sure that what they need is installed and runs.
    Test {
        /// Runs the server's tests on this database alone; without it, and without further arguments, on both.
        #[arg(long, value_enum)]
        database: Option<Database>,
        /// Arguments for `cargo nextest run` (or `cargo test`), for example `-p kernel`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Starts a Postgres and a Redis for trying things out, prints where they are, and holds them until Ctrl-C.
    Services,
    /// Runs what continuous integration runs: format, lints, tests, dependency rules.
    Ci,
    /// Lets customers write to real servers while these are killed, stopped and cut off, and counts what was lost.
    Chaos {
        /// Arguments for the program: `--minutes N`, `--seed N`, `--database sqlite` or `postgres`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Lets the fuzzer look for inputs for which the checks of what comes from outside do not hold.
    Fuzz {
        /// How long each target runs.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// Runs this target alone.
        target: Option<String>,
    },
    /// Calls every operation of a running server as its OpenAPI document describes it, well and badly.
    Schemathesis {
        /// Arguments for `schemathesis run`, for example `--seed 5` or `--include-operation-id create_lead`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Measures a release build on both databases, next to the floors of the same run.
    Bench {
        /// What to measure: `web` (a whole server), `tenants` (ten tenants against ten thousand), `messages` (few messages
        /// against a million), `lengths` (a new conversation against a long one), `prompts` (a long prompt against none),
        /// `streams` (a turn against its model alone); all without it.
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
        Task::Test { database, arguments } => {
            let postgres = SharedPostgres::start(find(&[PROGRAMS, SERVICES])?)?;
            let for_ci = std::env::var_os("CI").is_some();
            let run = TestRun::new(postgres.variables(), database, arguments, for_ci);
            plan::run_all(run.steps(), OnFailure::Stop)
        }
        Task::Services => {
            find(&[SERVICES])?;
            services::hold()
        }
        Task::Ci => {
            let postgres = SharedPostgres::start(find(&[PROGRAMS, SERVICES])?)?;
            let mut steps = plan::checks_before_tests();
            steps.extend(TestRun::new(postgres.variables(), None, Vec::new(), true).steps());
            steps.push(plan::dependency_rules());
            plan::run_all(steps, OnFailure::Continue)
        }
        Task::Chaos { arguments } => {
            let found = find(&[SERVICES])?;
            let variables: Vec<_> = found.iter().filter_map(Found::variable).collect();
            plan::run_all(plan::chaos(&variables, arguments), OnFailure::Stop)
        }
        Task::Fuzz { seconds, target } => {
            plan::run_all(fuzz::steps(seconds, target.as_deref())?, OnFailure::Continue)
        }
        Task::Schemathesis { arguments } => {
            find(&[schemathesis::PYTHON])?;
            plan::run_all(schemathesis::before(), OnFailure::Stop)?;
            let server = schemathesis::Server::start()?;
            plan::run_all(vec![server.call(arguments)], OnFailure::Stop)
        }
        Task::Bench { arguments } => {
            let found = find(&[SERVICES])?;
            let bench = Step::cargo("measure", &["bench", "-p", "server", "--bench", "turns", "--"]);
            let bench = found
                .iter()
                .filter_map(Found::variable)
                .fold(bench.arguments(arguments), |bench, (name, value)| bench.variable(name, value));
            plan::run_all(vec![bench], OnFailure::Stop)
        }
    }
}

fn find(groups: &[&'static [Need]]) -> anyhow::Result<Vec<Found>> {
    println!("==> look for what is needed");
    needs::ensure(groups)
}
