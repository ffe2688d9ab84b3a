//! Lets the fuzzer run against every check of what comes from outside, and says what it needs when that is missing.

use std::process::{Command, Stdio};

use anyhow::bail;

use crate::step::Step;

/// Where the targets and their corpus lie.
const FOLDER: &str = "crates/testing/fuzz";
/// The targets, each with the folder of its corpus under the same name.
const TARGETS: [&str; 7] = ["form", "json_webhook", "keyword", "phone", "signature", "template", "twiml"];
/// What is missing is got with these.
const HOW_TO_INSTALL: &str = "the fuzzer needs a nightly compiler and cargo-fuzz; get them with\n\
    \x20   rustup toolchain install nightly --profile minimal\n\
    \x20   cargo install --locked cargo-fuzz";

/// Returns a step for each target, or for one of them.
///
/// # Errors
/// When there is no such target, or the fuzzer is not installed; it says how to install it.
pub(crate) fn steps(seconds: u32, only: Option<&str>) -> anyhow::Result<Vec<Step>> {
    let targets: Vec<_> =
        TARGETS.into_iter().filter(|target| only.is_none_or(|only| only == *target)).collect();
    if targets.is_empty() {
        bail!("there is no such target; there are {}", TARGETS.join(", "));
    }
    if !is_installed() {
        bail!(HOW_TO_INSTALL);
    }
    Ok(targets.into_iter().map(|target| step(target, seconds)).collect())
}

/// What the fuzzer finds is kept in the first folder of a corpus, which git ignores; the second is the kept corpus.
fn step(target: &'static str, seconds: u32) -> Step {
    // Nothing of ours is unsafe code, so that the sanitizer would only take time.
    Step::program(target, "rustup")
        .arguments([
            "run",
            "nightly",
            "cargo",
            "fuzz",
            "run",
            "--fuzz-dir",
            FOLDER,
            "--sanitizer",
            "none",
            target,
        ])
        .arguments([format!("{FOLDER}/target/corpus/{target}"), format!("{FOLDER}/corpus/{target}")])
        .arguments(["--", "-create_missing_dirs=1", "-timeout=10", "-max_len=4096"])
        .arguments([format!("-max_total_time={seconds}")])
}

fn is_installed() -> bool {
    let mut command = Command::new("rustup");
    command
        .args(["run", "nightly", "cargo", "fuzz", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn every_target_is_run() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FOLDER).join("fuzz_targets");
        let files = fs::read_dir(folder).expect("the folder of the targets");
        let mut names: Vec<_> = files
            .map(|file| file.expect("a file").path().file_stem().expect("a name").display().to_string())
            .collect();
        names.sort();

        assert_eq!(names, TARGETS);
    }

    #[test]
    fn a_target_runs_as_long_as_asked_and_keeps_the_corpus_as_it_is() {
        let shown = step("form", 7).to_string();

        assert!(shown.ends_with("-max_total_time=7"), "{shown}");
        assert!(shown.contains("/target/corpus/form crates/testing/fuzz/corpus/form -- "), "{shown}");
    }

    #[test]
    fn a_target_that_does_not_exist_is_refused() {
        let error = steps(1, Some("nothing")).expect_err("no such target");

        assert!(error.to_string().contains("there are form, json_webhook"), "{error}");
    }
}
