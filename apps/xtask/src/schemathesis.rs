//! Calls every operation of a running server as its own OpenAPI document describes it, well and badly, by Schemathesis.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use harness::{ServerProcess, ServerSpec};

use crate::needs::Need;
use crate::step::{Step, repository};

/// What runs Schemathesis.
pub(crate) const PYTHON: &[Need] = &[Need {
    name: "Python",
    purpose: "Schemathesis",
    candidates: &["python3"],
    companions: &[],
    variable: None,
    apt_packages: &["python3-venv"],
}];

/// The version, the configuration and the hooks.
const OURS: &str = "apps/xtask/schemathesis";
/// Where Schemathesis is installed, and where the server has its files.
const FOLDER: &str = "target/schemathesis";

/// What the server is told, and the hooks with it. They are secrets of a server that lives for minutes and that only this machine
/// reaches.
const SHARED: [(&str, &str, &str); 6] = [
    ("ADMIN_API_KEY", "CHEETAH_ADMIN_KEY", "the-operators-key-of-this-run-alone"),
    ("ADMIN_PASSWORD", "CHEETAH_ADMIN_PASSWORD", "the-operators-password-of-this-run"),
    ("ADMIN_PRIVATE_KEY", "CHEETAH_ADMIN_PRIVATE_KEY", "what-signs-the-operators-tokens-of-this-run"),
    ("JWT_SECRET_KEY", "CHEETAH_JWT_SECRET_KEY", "what-signs-the-members-tokens-of-this-run"),
    ("TWILIO_ACCOUNT_SID", "CHEETAH_ACCOUNT_SID", "AC00000000000000000000000000000001"),
    ("TWILIO_AUTH_TOKEN", "CHEETAH_AUTH_TOKEN", "the-carriers-token-of-this-run"),
];

/// Returns the steps before the server is started: it is built, and Schemathesis installed.
pub(crate) fn before() -> Vec<Step> {
    let environment = format!("{FOLDER}/venv");
    let requirements = format!("{OURS}/requirements.txt");
    vec![
        Step::cargo("build the server", &["build", "-p", "server", "--bin", "cheetah"]),
        Step::program("make a Python environment", "python3").arguments(["-m", "venv", &environment]),
        Step::program("install Schemathesis", format!("{environment}/bin/python")).arguments([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
            &requirements,
        ]),
    ]
}

/// A server for one run. Dropping it ends the server, and then deletes its files.
pub(crate) struct Server {
    process: ServerProcess,
    _files: Files,
}

/// A folder that is gone when this is dropped.
struct Files(PathBuf);

impl Drop for Files {
    fn drop(&mut self) {
        // What is left lies in target, where nothing looks for it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Server {
    /// Starts the server that was built, on an empty SQLite database and a free port of the loopback interface.
    ///
    /// # Errors
    /// When it does not start; with the end of its log.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let root = repository()?;
        let program = root.join("target/debug/cheetah");
        let files = Files(root.join(FOLDER).join(format!("server-{}", std::process::id())));
        // The caller's word is taken for its address: each request has a limit of its own. The carrier is nobody.
        let spec = ServerSpec::serve(program, &files.0)
            .with("RUST_LOG", "info")
            .with("DEBOUNCE_MS", "0")
            .with("TRUSTED_PROXIES", "127.0.0.1")
            .with("ADMIN_USERNAME", "admin")
            .with("TWILIO_API_BASE", "http://127.0.0.1:1");
        let spec = SHARED.iter().fold(spec, |spec, (name, _, value)| spec.with(name, *value));
        let process = spec.start().context("the server did not start")?;
        println!("==> start the server\n    {}", process.base_url());
        Ok(Self { process, _files: files })
    }

    /// Returns the step that calls it. The arguments go to `schemathesis run`, and win over the configuration.
    pub(crate) fn call(&self, arguments: Vec<OsString>) -> Step {
        call(self.process.base_url(), arguments)
    }
}

fn call(base: &str, arguments: Vec<OsString>) -> Step {
    let program = Path::new(FOLDER).join("venv/bin/schemathesis");
    let step = Step::program("call every operation, well and badly", program)
        .arguments(["--config-file", &format!("{OURS}/schemathesis.toml")])
        .arguments(["run", &format!("{base}/openapi.json"), "--checks", "all"])
        .arguments(arguments)
        .variable("CHEETAH_BASE_URL", base)
        .variable("PYTHONPATH", OURS)
        .variable("PYTHONDONTWRITEBYTECODE", "1");
    SHARED.iter().fold(step, |step, (_, name, value)| step.variable(name, *value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemathesis_is_installed_with_its_version_and_away_from_the_machines_own() {
        let steps: Vec<_> = before().iter().map(Step::to_string).collect();

        assert!(steps[0].ends_with("build -p server --bin cheetah"), "{steps:?}");
        assert!(steps[1].ends_with("-m venv target/schemathesis/venv"), "{steps:?}");
        assert!(steps[2].ends_with("--requirement apps/xtask/schemathesis/requirements.txt"), "{steps:?}");
        let requirements = include_str!("../schemathesis/requirements.txt");
        let pinned = requirements.lines().filter(|line| !line.starts_with('#'));
        assert!(pinned.clone().count() == 1 && pinned.clone().all(|line| line.contains("==")));
    }

    #[test]
    fn every_check_is_on_and_what_is_asked_for_comes_last() {
        let step = call("http://127.0.0.1:4000", vec!["--seed".into(), "5".into()]).to_string();

        assert!(step.contains("CHEETAH_BASE_URL=http://127.0.0.1:4000 "), "{step}");
        assert!(step.ends_with("run http://127.0.0.1:4000/openapi.json --checks all --seed 5"), "{step}");
    }
}
