//! One command that a chore runs, shown before it starts, and the error that carries its exit code.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use anyhow::Context;

/// A command with a title for people.
#[derive(Debug)]
pub(crate) struct Step {
    title: &'static str,
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
    skipped: Option<&'static str>,
}

impl Step {
    /// Returns a step that runs a program found on `PATH`.
    pub(crate) fn program(title: &'static str, program: impl Into<OsString>) -> Self {
        Self { title, program: program.into(), arguments: Vec::new(), variables: Vec::new(), skipped: None }
    }

    /// Returns a step that runs the same cargo that started this program.
    pub(crate) fn cargo(title: &'static str, arguments: &[&str]) -> Self {
        Self::program(title, cargo()).arguments(arguments)
    }

    /// Returns a step that does nothing but say why.
    pub(crate) fn skipped(title: &'static str, why: &'static str) -> Self {
        Self { skipped: Some(why), ..Self::program(title, "") }
    }

    /// Adds arguments at the end.
    pub(crate) fn arguments(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Adds an environment variable for this command alone.
    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Returns the title.
    pub(crate) const fn title(&self) -> &'static str {
        self.title
    }

    /// Returns the reason when the step is not to be run.
    pub(crate) const fn why_skipped(&self) -> Option<&'static str> {
        self.skipped
    }

    /// Runs the command in the repository's root, its output going straight to the terminal.
    ///
    /// # Errors
    /// `StepFailed` when the command exits with a failure; another error when it cannot be started.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        println!("==> {}\n    $ {self}", self.title);
        let status = Command::new(&self.program)
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (*name, value)))
            .current_dir(repository()?)
            .status()
            .with_context(|| format!("cannot start `{self}`"))?;
        if status.success() { Ok(()) } else { Err(StepFailed::new(self.title, status).into()) }
    }
}

/// Shows the command as one would type it, with its variables in front.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.variables {
            write!(f, "{name}={} ", value.display())?;
        }
        let program = Path::new(&self.program).file_name().unwrap_or(&self.program);
        write!(f, "{}", program.display())?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

/// A step's command ran and exited with a failure.
#[derive(Debug)]
pub(crate) struct StepFailed {
    title: &'static str,
    status: ExitStatus,
}

impl StepFailed {
    fn new(title: &'static str, status: ExitStatus) -> Self {
        Self { title, status }
    }

    /// Returns the command's own exit code, or 1 when a signal ended it.
    pub(crate) fn exit_code(&self) -> ExitCode {
        let code = self.status.code().and_then(|code| u8::try_from(code).ok());
        code.map_or(ExitCode::FAILURE, ExitCode::from)
    }
}

impl fmt::Display for StepFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step `{}` failed with {}", self.title, self.status)
    }
}

impl std::error::Error for StepFailed {}

/// Tells whether `cargo <subcommand>` is installed, by asking for its version.
pub(crate) fn has_cargo_subcommand(subcommand: &str) -> bool {
    let mut command = Command::new(cargo());
    command.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn quoted(argument: &OsStr) -> String {
    let shown = argument.display().to_string();
    let is_special = |letter: char| letter.is_whitespace() || "()".contains(letter);
    if shown.is_empty() || shown.contains(is_special) { format!("'{shown}'") } else { shown }
}

/// Returns the workspace's folder. Cargo names this package's folder to every program it runs.
///
/// # Errors
/// When this program was not started by cargo.
pub(crate) fn repository() -> anyhow::Result<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").context("start this program as `cargo xtask`")?;
    let root = Path::new(&package).ancestors().nth(2).context("apps/xtask lies outside a workspace")?;
    Ok(root.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_shows_the_command_as_one_would_type_it() {
        let step = Step::program("say", "/usr/bin/echo").arguments(["a b", "c", "d(e)"]).variable("X", "1");

        assert_eq!(step.to_string(), "X=1 echo 'a b' c 'd(e)'");
    }

    #[test]
    fn a_step_that_succeeds_is_ok() {
        Step::program("true", "true").run().expect("`true` succeeds");
    }

    #[test]
    fn a_failing_step_carries_the_exit_code_of_its_command() {
        let step = Step::program("leave", "sh").arguments(["-c", "exit 7"]);

        let error = step.run().expect_err("the shell exits with 7");

        let failed = error.downcast_ref::<StepFailed>().expect("a failed step, not a failed start");
        assert_eq!(format!("{:?}", failed.exit_code()), format!("{:?}", ExitCode::from(7)));
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let error = Step::program("nothing", "no-such-program-here").run().expect_err("nothing to start");

        assert!(error.to_string().contains("no-such-program-here"));
    }
}
