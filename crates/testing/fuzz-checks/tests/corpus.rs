//! The corpus that is kept for the fuzzer holds in every test run, on a stable compiler and without the fuzzer.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::{
    collections::BTreeSet,
    fs, panic,
    path::{Path, PathBuf},
};

use fuzz_checks::{CHECKS, Check};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fuzz")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn replay(name: &str) {
    let Check { run, .. } = *CHECKS.iter().find(|check| check.name == name).unwrap();
    let folder = fuzz().join("corpus").join(name);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 10, "{name} has {} files", files.len());
    for file in files {
        let data = fs::read(&file).unwrap();
        assert!(panic::catch_unwind(|| run(&data)).is_ok(), "{} does not hold", file.display());
    }
}

#[test]
fn the_corpus_of_forms_holds() {
    replay("form");
}

#[test]
fn the_corpus_of_json_webhooks_holds() {
    replay("json_webhook");
}

#[test]
fn the_corpus_of_keywords_holds() {
    replay("keyword");
}

#[test]
fn the_corpus_of_phone_numbers_holds() {
    replay("phone");
}

#[test]
fn the_corpus_of_signatures_holds() {
    replay("signature");
}

#[test]
fn the_corpus_of_templates_holds() {
    replay("template");
}

#[test]
fn the_corpus_of_twiml_holds() {
    replay("twiml");
}

#[test]
fn every_check_has_a_target_and_a_corpus_and_there_are_no_others() {
    let checks: BTreeSet<_> = CHECKS.iter().map(|check| check.name.to_owned()).collect();
    assert_eq!(names(&fuzz().join("fuzz_targets")), checks);
    assert_eq!(names(&fuzz().join("corpus")), checks);
}
