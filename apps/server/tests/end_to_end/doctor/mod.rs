//! `cheetah doctor` on broken set-ups: each is named, with how to mend it.

mod carrier;
mod database;
mod model;
mod proxy;
mod public_url;
mod signatures;
mod surroundings;

use std::{path::Path, time::Duration};

use harness::ServerSpec;
use serde_json::Value;

/// How long the doctor may take: a few questions of five seconds.
const PATIENCE: Duration = Duration::from_secs(60);
const PII_KEY: &str = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER_PII_KEY: &str = "1:IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE=";
const SECRETS: [&str; 4] = [PII_KEY, OTHER_PII_KEY, "an-admin-key-of-32-characters-00", "the-wrong-token"];

/// An installation on somebody's own machine, with its files in a folder.
fn local(folder: &Path) -> ServerSpec {
    ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder).with("DEBOUNCE_MS", "150")
}

/// An installation with real customers.
fn production(folder: &Path) -> ServerSpec {
    local(folder)
        .with("APP_ENV", "production")
        .with("PUBLIC_BASE_URL", "https://chat.example.invalid")
        .with("PII_ENCRYPTION_KEY", PII_KEY)
        .with("ADMIN_API_KEY", SECRETS[2])
        .with("JWT_SECRET_KEY", "a-jwt-secret-key-of-38-characters-0000")
        .with("DATABASE_URL", folder.join("cheetah.db").display().to_string())
}

/// What the doctor said.
#[derive(Debug)]
struct Diagnosis {
    is_success: bool,
    report: Value,
}

/// Lets the doctor look at the installation of a server.
fn examine(spec: &ServerSpec) -> Diagnosis {
    let output = spec.clone().command("doctor").argument("--json").run_to_end(PATIENCE).unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for secret in SECRETS {
        assert!(!said.contains(secret), "a secret is shown: {said}");
    }
    let report = serde_json::from_str(&said)
        .unwrap_or_else(|error| panic!("{error}: {said}{}", String::from_utf8_lossy(&output.stderr)));
    Diagnosis { is_success: output.status.success(), report }
}

impl Diagnosis {
    fn of(&self, check: &str) -> Vec<&Value> {
        let findings = self.report["findings"].as_array().unwrap();
        findings.iter().filter(|finding| finding["check"] == check).collect()
    }

    fn has(&self, status: &str, check: &str, detail: &str, mend: &str) -> bool {
        let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        self.of(check).into_iter().any(|finding| {
            finding["status"] == status
                && text(finding, "detail").contains(detail)
                && text(finding, "mend").contains(mend)
        })
    }

    /// Makes sure that something was found to be broken, with what to do about it.
    fn assert_fails(&self, check: &str, detail: &str, mend: &str) {
        assert!(self.has("fail", check, detail, mend), "{check}: {detail} / {mend}\n{:#}", self.report);
        assert!(!self.is_success && self.report["healthy"] == false, "{:#}", self.report);
    }

    fn assert_warns(&self, check: &str, detail: &str, mend: &str) {
        assert!(self.has("warn", check, detail, mend), "{check}: {detail} / {mend}\n{:#}", self.report);
    }

    fn assert_is(&self, status: &str, check: &str) {
        assert!(self.has(status, check, "", ""), "{check}: {status}\n{:#}", self.report);
    }
}

#[test]
fn an_installation_that_is_well_is_found_well_and_lines_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let server = local(folder.path()).start().unwrap();
    let spec = local(folder.path()).with("BIND", server.base_url().trim_start_matches("http://"));
    let found = examine(&spec);
    assert!(found.is_success, "{:#}", found.report);
    for check in [
        "configuration",
        "keys",
        "disk",
        "database",
        "worker",
        "public URL",
        "signatures",
        "carrier",
        "clock",
        "model",
    ] {
        found.assert_is("ok", check);
    }
    let lines = spec.command("doctor").run_to_end(PATIENCE).unwrap();
    let lines = String::from_utf8(lines.stdout).unwrap();
    assert!(lines.lines().count() >= 10 && lines.lines().all(|line| line.starts_with("ok ")), "{lines}");
}

#[test]
fn where_nothing_was_started_yet_nothing_is_made_and_nothing_has_failed() {
    let folder = tempfile::tempdir().unwrap();
    let found = examine(&local(folder.path()));
    assert!(found.is_success, "{:#}", found.report);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the doctor made something");
}
