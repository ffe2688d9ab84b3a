//! The commands that print something and end: `migrate` and `openapi`.

use std::{path::Path, time::Duration};

use crate::databases;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(40);
const UP_TO_DATE: &str = "the database is up to date\n";

fn printed_by(command: &str, folder: &Path) -> String {
    let output = crate::rig::spec(folder).command(command).run_to_end(PATIENCE).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn migrate_makes_the_database_says_what_it_ran_and_then_that_all_is_done() {
    let folder = tempfile::tempdir().unwrap();
    databases::leave_unmigrated(folder.path());
    let first = printed_by("migrate", folder.path());
    let ran = first.trim().strip_prefix("ran ").unwrap_or_else(|| panic!("{first}"));
    let named_by_day =
        |name: &str| name.get(..4).is_some_and(|year| year.bytes().all(|b| b.is_ascii_digit()));
    assert!(ran.split(", ").all(named_by_day), "{first}");
    assert_eq!(folder.path().join("cheetah.db").is_file(), !databases::on_postgres());
    assert_eq!(printed_by("migrate", folder.path()), UP_TO_DATE);
}

#[test]
fn a_server_runs_on_what_migrate_made_and_leaves_it_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    databases::leave_unmigrated(folder.path());
    printed_by("migrate", folder.path());
    crate::rig::spec(folder.path()).start().unwrap().kill().unwrap();
    assert_eq!(printed_by("migrate", folder.path()), UP_TO_DATE);
}

#[test]
fn openapi_prints_what_docs_keeps_and_begins_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let printed = printed_by("openapi", folder.path());
    assert!(printed == include_str!("../../../../docs/openapi.json"), "docs/openapi.json is out of date");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn migrate_says_how_the_database_stands_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    databases::leave_unmigrated(folder.path());
    let ask = |option: &str| {
        let output = crate::rig::spec(folder.path()).command("migrate").argument(option).run_to_end(PATIENCE);
        let output = output.unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (fine, would_run) = ask("--dry-run");
    assert!(fine && would_run.starts_with("would run "), "{would_run}");
    let (fine, status) = ask("--status");
    assert!(!fine && status.lines().all(|line| line.starts_with("pending ")), "{status}");
    printed_by("migrate", folder.path());
    assert_eq!(ask("--dry-run"), (true, "nothing to run\n".to_owned()));
    let (fine, status) = ask("--status");
    assert!(fine && status.lines().all(|line| line.starts_with("applied ")), "{status}");
}
