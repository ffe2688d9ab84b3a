//! The steps of a run of the tests: an installation that is broken for a while, the server, the examples in documentation, then
//! the server's tests on Postgres, once more those from end to end without Redis and with one that dies, then all tests.

use std::ffi::{OsStr, OsString};

use clap::ValueEnum;

use crate::plan;
use crate::step::{Step, has_cargo_subcommand};

/// The variable that tells the server's tests which database to use.
const DATABASE: &str = "CHEETAH_TEST_DATABASE";

/// The variable that tells the server's end-to-end tests how Redis fares.
const REDIS: &str = "CHEETAH_TEST_REDIS";

/// How an installation is broken in a run of everything: a minute on each database, always with the same seed.
const SHORT_CHAOS: [&str; 4] = ["--minutes", "1", "--seed", "8"];

/// A database that the server's tests run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Database {
    /// The embedded one.
    Sqlite,
    /// The one for production.
    Postgres,
}

impl Database {
    const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A run of the tests: with which runner, for whom, and which part of them.
#[derive(Debug)]
pub(crate) struct TestRun {
    variables: Vec<(&'static str, OsString)>,
    database: Option<Database>,
    arguments: Vec<OsString>,
    for_ci: bool,
    has_nextest: bool,
}

impl TestRun {
    /// Plans a run with what tells tests where things are, the developer's choices, and nextest when it is installed.
    pub(crate) fn new(
        variables: Vec<(&'static str, OsString)>,
        database: Option<Database>,
        arguments: Vec<OsString>,
        for_ci: bool,
    ) -> Self {
        Self { variables, database, arguments, for_ci, has_nextest: has_cargo_subcommand("nextest") }
    }

    /// Returns the steps: the server that integration tests start, the examples in documentation, the tests.
    pub(crate) fn steps(self) -> Vec<Step> {
        let is_whole = self.arguments.is_empty() && self.database.is_none();
        let mut steps = Vec::new();
        if is_whole {
            // First, because the server with failpoints takes the place of the other.
            steps.extend(plan::chaos(&self.variables, SHORT_CHAOS.map(OsString::from).into()));
        }
        let build = Step::cargo("build the server", &["build", "-p", "server", "--bin", "cheetah"]);
        steps.extend([build, self.doc_tests()]);
        if is_whole {
            steps.push(self.server_tests_on_postgres());
            steps.push(self.end_to_end_tests_with_redis("run the end-to-end tests without Redis", "off"));
            steps
                .push(self.end_to_end_tests_with_redis("run the end-to-end tests while Redis dies", "dying"));
        }
        // At the end, so that the last summary is the one of all tests.
        steps.push(self.tests());
        steps
    }

    /// The developer's choice, or in a run of everything the database that the step before has left.
    fn tests(&self) -> Step {
        let title = if self.has_nextest {
            "run the tests"
        } else {
            "run the tests (cargo-nextest, which is faster, is not installed)"
        };
        // Next to `--workspace` cargo ignores `-p`.
        let all: &[&str] = if chooses_packages(&self.arguments) { &[] } else { &["--workspace"] };
        let step = self.runner(title).arguments(all).arguments(&self.arguments);
        let database = self.database.or(self.arguments.is_empty().then_some(Database::Sqlite));
        database.into_iter().fold(step, |step, database| step.variable(DATABASE, database.name()))
    }

    fn server_tests_on_postgres(&self) -> Step {
        self.on_postgres("run the server's tests on Postgres", "package(server)")
    }

    /// Beside the run in which Redis is well: how it fares must not matter.
    fn end_to_end_tests_with_redis(&self, title: &'static str, fares: &'static str) -> Step {
        self.on_postgres(title, "package(server) and binary(end_to_end)").variable(REDIS, fares)
    }

    /// Without nextest, all of the server's tests run whatever the filter says.
    fn on_postgres(&self, title: &'static str, filter: &'static str) -> Step {
        // A filter in the place of `-p`, which would compile again with the features of that package alone.
        let tests: &[&str] =
            if self.has_nextest { &["--workspace", "-E", filter] } else { &["-p", "server"] };
        self.runner(title).arguments(tests).variable(DATABASE, Database::Postgres.name())
    }

    fn runner(&self, title: &'static str) -> Step {
        let step = if self.has_nextest {
            // A variable and no argument, so that `--profile` among the further arguments still wins.
            let profile = if self.for_ci { "ci" } else { "default" };
            Step::cargo(title, &["nextest", "run"]).variable("NEXTEST_PROFILE", profile)
        } else {
            // Not the examples in documentation, which have a step of their own.
            Step::cargo(title, &["test", "--tests"])
        };
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
        let variables = vec![("CHEETAH_X", "/x".into())];
        TestRun { variables, database: None, arguments, for_ci, has_nextest }
    }

    fn test_steps(run: TestRun) -> Vec<String> {
        let steps = run.steps().into_iter().map(|step| step.to_string());
        steps.filter(|step| step.contains("NEXTEST_PROFILE")).collect()
    }

    #[test]
    fn a_whole_run_has_the_servers_tests_on_postgres_with_every_redis_and_then_all_tests_on_sqlite() {
        let variables = "NEXTEST_PROFILE=default CHEETAH_X=/x CHEETAH_TEST_DATABASE";
        let end_to_end = "cargo nextest run --workspace -E 'package(server) and binary(end_to_end)'";

        assert_eq!(
            test_steps(run(&[], false, true)),
            [
                format!("{variables}=postgres cargo nextest run --workspace -E 'package(server)'"),
                format!("{variables}=postgres CHEETAH_TEST_REDIS=off {end_to_end}"),
                format!("{variables}=postgres CHEETAH_TEST_REDIS=dying {end_to_end}"),
                format!("{variables}=sqlite cargo nextest run --workspace"),
            ]
        );
    }

    #[test]
    fn a_whole_run_breaks_an_installation_before_the_server_is_built_without_failpoints() {
        let steps = |arguments: &[&str]| {
            let steps = run(arguments, false, true).steps().into_iter().map(|step| step.to_string());
            steps.take_while(|step| !step.contains("--doc")).collect::<Vec<_>>()
        };
        let build = "cargo build -p server --bin cheetah".to_owned();

        assert_eq!(
            steps(&[]),
            [
                format!("{build} --features failpoints"),
                "CHEETAH_X=/x cargo run -p chaos -- --minutes 1 --seed 8".to_owned(),
                build.clone(),
            ]
        );
        assert_eq!(steps(&["-p", "server"])[0], build);
    }

    #[test]
    fn a_run_with_arguments_happens_once_and_leaves_the_database_to_the_environment() {
        let steps = test_steps(run(&["-p", "server"], false, true));

        assert_eq!(steps, ["NEXTEST_PROFILE=default CHEETAH_X=/x cargo nextest run -p server"]);
    }

    #[test]
    fn a_chosen_database_is_the_only_one() {
        for (database, name) in [(Database::Postgres, "postgres"), (Database::Sqlite, "sqlite")] {
            for arguments in [vec![], vec!["-p", "server"]] {
                let run = TestRun { database: Some(database), ..run(&arguments, false, true) };
                let steps = test_steps(run);

                assert_eq!(steps.len(), 1, "{steps:?}");
                assert!(steps[0].contains(&format!("CHEETAH_TEST_DATABASE={name} ")), "{steps:?}");
            }
        }
    }

    #[test]
    fn continuous_integration_has_a_profile_of_its_own() {
        assert!(test_steps(run(&[], true, true)).iter().all(|step| step.contains("NEXTEST_PROFILE=ci")));
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
        let run = run(&[], true, false);
        let variables = "CHEETAH_X=/x CHEETAH_TEST_DATABASE";

        assert_eq!(run.tests().to_string(), format!("{variables}=sqlite cargo test --tests --workspace"));
        let on_postgres = run.server_tests_on_postgres().to_string();
        assert_eq!(on_postgres, format!("{variables}=postgres cargo test --tests -p server"));
    }

    #[test]
    fn examples_in_documentation_run_only_when_everything_does() {
        assert!(run(&[], false, true).doc_tests().why_skipped().is_none());
        assert!(run(&["-p", "kernel"], false, true).doc_tests().why_skipped().is_some());
    }
}
