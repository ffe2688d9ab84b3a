//! Runs steps in order and summarises them, and lists the checks that a run of continuous integration adds.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use crate::step::{Step, has_cargo_subcommand};

/// What to do with the steps after one that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFailure {
    /// Leaves them out.
    Stop,
    /// Runs them, so that one run shows every fault.
    Continue,
}

/// Runs the steps in order and prints what each took.
///
/// # Errors
/// The error of the first step that failed.
pub(crate) fn run_all(steps: Vec<Step>, on_failure: OnFailure) -> anyhow::Result<()> {
    let mut summary = Vec::new();
    let mut first_failure = None;
    for step in steps {
        let started = Instant::now();
        let outcome = run_one(&step);
        let verdict = match &outcome {
            Ok(verdict) => *verdict,
            Err(_) => "FAILED",
        };
        summary.push(summary_line(verdict, started.elapsed(), step.title()));
        if let Err(error) = outcome {
            first_failure = first_failure.or(Some(error));
            if on_failure == OnFailure::Stop {
                break;
            }
        }
    }
    println!("\n{}", summary.join("\n"));
    first_failure.map_or(Ok(()), Err)
}

fn run_one(step: &Step) -> anyhow::Result<&'static str> {
    if let Some(why) = step.why_skipped() {
        println!("==> {}\n    SKIPPED: {why}", step.title());
        return Ok("skipped");
    }
    step.run().map(|()| "ok")
}

fn summary_line(verdict: &str, took: Duration, title: &str) -> String {
    format!("{verdict:>8} {:>7.1} s  {title}", took.as_secs_f64())
}

/// Returns the checks that need no running program: format and lints.
pub(crate) fn checks_before_tests() -> Vec<Step> {
    vec![
        Step::cargo("check the format", &["fmt", "--all", "--check"]),
        Step::cargo("check the lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    ]
}

/// Returns the steps of breaking a running installation in every way.
pub(crate) fn chaos(variables: &[(&'static str, OsString)], arguments: Vec<OsString>) -> Vec<Step> {
    let server = ["build", "-p", "server", "--bin", "cheetah", "--features", "failpoints"];
    let run = Step::cargo("break a running installation", &["run", "-p", "chaos", "--"]).arguments(arguments);
    let run = variables.iter().fold(run, |run, (name, value)| run.variable(name, value));
    vec![Step::cargo("build the server with its failpoints", &server), run]
}

/// Returns the check of licences, advisories and banned crates.
pub(crate) fn dependency_rules() -> Step {
    let title = "check the dependencies";
    if has_cargo_subcommand("deny") {
        Step::cargo(title, &["deny", "check"])
    } else {
        Step::skipped(title, "cargo-deny is not installed; get it with `cargo install --locked cargo-deny`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::StepFailed;

    fn shell(title: &'static str, script: &str) -> Step {
        Step::program(title, "sh").arguments(["-c", script])
    }

    #[test]
    fn a_failure_is_reported_as_the_first_one_even_when_later_steps_run() {
        let steps = vec![shell("first", "exit 3"), shell("second", "exit 4")];

        let error = run_all(steps, OnFailure::Continue).expect_err("two steps fail");

        assert!(error.to_string().contains("`first`"), "{error}");
        assert!(error.is::<StepFailed>());
    }

    #[test]
    fn after_a_failure_a_test_run_stops() {
        let steps = vec![shell("first", "exit 3"), Step::program("second", "no-such-program-here")];

        let error = run_all(steps, OnFailure::Stop).expect_err("the first step fails");

        assert!(error.to_string().contains("`first`"), "{error}");
    }

    #[test]
    fn a_skipped_step_is_no_failure() {
        run_all(vec![Step::skipped("nothing", "no need")], OnFailure::Stop).expect("skipping is allowed");
    }
}
