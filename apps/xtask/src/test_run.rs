//! The steps of a run of the tests: the server first, then the examples in documentation, then the tests.

use std::ffi::{OsStr, OsString};

use crate::needs::Found;
use crate::step::{Step, has_cargo_subcommand};

/// A run of the tests: with which runner, for whom, and which part of them.
#[derive(Debug)]
pub(crate) struct TestRun {
    variables: Vec<(&'static str, OsString)>,
    arguments: Vec<OsString>,
    for_ci: bool,
    has_nextest: bool,
}

impl TestRun {
    /// Plans a run with what was found, the developer's further arguments, and nextest when it is installed.
    pub(crate) fn new(needs: &[Found], arguments: Vec<OsString>, for_ci: bool) -> Self {
        let variables = needs.iter().filter_map(Found::variable).collect();
        Self { variables, arguments, for_ci, has_nextest: has_cargo_subcommand("nextest") }
    }

    /// Returns the steps: the server that integration tests start, the examples in documentation, the tests.
    pub(crate) fn steps(self) -> Vec<Step> {
        let build = Step::cargo("build the server", &["build", "-p", "server", "--bin", "cheetah"]);
        vec![build, self.doc_tests(), self.tests()]
    }

    fn tests(&self) -> Step {
        let step = if self.has_nextest {
            // A variable and no argument, so that `--profile` among the further arguments still wins.
            let profile = if self.for_ci { "ci" } else { "default" };
            Step::cargo("run the tests", &["nextest", "run"]).variable("NEXTEST_PROFILE", profile)
        } else {
            // Not the examples in documentation, which have a step of their own.
            Step::cargo(
                "run the tests (cargo-nextest, which is faster, is not installed)",
                &["test", "--tests"],
            )
        };
        // Next to `--workspace` cargo ignores `-p`.
        let all: &[&str] = if chooses_packages(&self.arguments) { &[] } else { &["--workspace"] };
        let step = step.arguments(all).arguments(&self.arguments);
        self.variables.iter().fold(step, |step, (name, value)| step.variable(name, value))
    }

    /// Arguments are for the test runner; cargo's documentation tests understand few of them.
    fn doc_tests(&self) -> Step {
        let title = "run the examples in documentation";
        if self.arguments.is_empty() {
            Step::cargo(title, &["test", "--workspace", "--doc"])
        } else {
            Step::skipped(
                title,
                "this run has arguments of its own; `cargo test --workspace --doc` runs them",
            )
        }
    }
}

/// Tells whether the arguments before a `--` choose packages.
fn chooses_packages(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|argument| *argument != "--").any(|argument| is_package_choice(argument))
}

fn is_package_choice(argument: &OsStr) -> bool {
    let text = argument.to_string_lossy();
    let long = text == "--package" || text.starts_with("--package=");
    long || (text.starts_with("-p") && !text.starts_with("--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arguments: &[&str], for_ci: bool, has_nextest: bool) -> TestRun {
        let arguments = arguments.iter().map(OsString::from).collect();
        TestRun { variables: vec![("CHEETAH_X", "/x".into())], arguments, for_ci, has_nextest }
    }

    #[test]
    fn the_tests_run_in_the_whole_workspace_and_know_where_programs_are() {
        let step = run(&[], false, true).tests().to_string();

        assert_eq!(step, "NEXTEST_PROFILE=default CHEETAH_X=/x cargo nextest run --workspace");
    }

    #[test]
    fn continuous_integration_has_a_profile_of_its_own() {
        assert!(run(&[], true, true).tests().to_string().contains("NEXTEST_PROFILE=ci"));
    }

    #[test]
    fn a_choice_of_packages_replaces_the_workspace() {
        for choice in [["-p", "kernel"], ["--package=kernel", "x"], ["-pkernel", "x"]] {
            let step = run(&choice, false, true).tests().to_string();
            assert!(!step.contains("--workspace"), "{step}");
        }
    }

    #[test]
    fn a_filter_keeps_the_whole_workspace() {
        let step = run(&["stale", "--", "-p"], false, true).tests().to_string();

        assert!(step.ends_with("--workspace stale -- -p"), "{step}");
    }

    #[test]
    fn without_nextest_cargo_runs_the_tests() {
        assert_eq!(run(&[], true, false).tests().to_string(), "CHEETAH_X=/x cargo test --tests --workspace");
    }

    #[test]
    fn examples_in_documentation_run_only_when_everything_does() {
        assert!(run(&[], false, true).doc_tests().why_skipped().is_none());
        assert!(run(&["-p", "kernel"], false, true).doc_tests().why_skipped().is_some());
    }
}
