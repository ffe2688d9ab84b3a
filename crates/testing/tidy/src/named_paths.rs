//! Every path of this repository that a page of the documentation names exists, so that whoever follows it arrives.

use std::path::Path;

use crate::{Breach, SourceFile};

/// The folders in which a path of this repository begins.
const FOLDERS: &[&str] = &["apps/", "crates/", "migrations/", "deploy/"];
/// What a path has that stands for many, or for one that is yet to be made.
const PLACEHOLDERS: &[char] = &['…', '*', '<'];
/// What the fuzzer makes there; git ignores it.
const MADE_LATER: &[&str] = &["crates/testing/fuzz/artifacts", "crates/testing/fuzz/target/corpus"];

/// Returns the paths that a page names in backticks and that are neither a file nor a folder.
pub fn missing(files: &[SourceFile]) -> Vec<Breach> {
    let pages = files.iter().filter(|file| is_page(&file.path));
    pages.flat_map(|page| missing_on(page, files)).collect()
}

fn missing_on(page: &SourceFile, files: &[SourceFile]) -> Vec<Breach> {
    let mut line = 1;
    let mut found = Vec::new();
    // Of the whole page and not line by line: what stands in backticks may go on in the next line.
    for (part, is_quoted) in page.text.split('`').zip([false, true].into_iter().cycle()) {
        if is_quoted && is_path(part) && !MADE_LATER.contains(&part) && !exists(part, files) {
            found.push(breach(&format!("{}:{line}", page.path), part));
        }
        line += part.matches('\n').count();
    }
    found
}

fn breach(place: &str, path: &str) -> Breach {
    let rule = format!("every path that a page names exists; `{path}` does not");
    Breach::new(place, rule, "name what lies there now, or take it out")
}

fn is_page(path: &str) -> bool {
    let is_markdown = Path::new(path).extension().is_some_and(|extension| extension == "md");
    is_markdown && path.starts_with("docs/") || path == "README.md"
}

/// Tells whether a quotation is a path of this repository. A test's lacks the `.rs`, and has a rule of its own.
fn is_path(quoted: &str) -> bool {
    FOLDERS.iter().any(|folder| quoted.starts_with(folder))
        && !quoted.contains("::")
        && !quoted.contains(PLACEHOLDERS)
}

fn exists(path: &str, files: &[SourceFile]) -> bool {
    let path = path.trim_end_matches('/');
    files
        .iter()
        .any(|file| file.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str, text: &str) -> Vec<Breach> {
        missing(&[SourceFile::new(page, text), SourceFile::new("crates/kernel/src/lib.rs", "")])
    }

    #[test]
    fn a_file_or_a_folder_that_exists_keeps_the_rule() {
        for path in ["crates/kernel/src/lib.rs", "crates/kernel/src", "crates/kernel/", "crates/"] {
            assert_eq!(found("docs/a.md", &format!("See `{path}`.")), [], "{path}");
        }
    }

    #[test]
    fn a_path_that_was_moved_or_is_half_a_name_breaks_the_rule_with_its_line() {
        for path in
            ["crates/kernel/lib.rs", "crates/kern", "apps/server", "migrations/a/", "deploy/Dockerfile"]
        {
            let breaches = found("docs/a.md", &format!("Look:\n`cd\n..` and `crates/kernel` and `{path}`"));

            assert_eq!(breaches.len(), 1, "{path}");
            assert_eq!(breaches[0].file, "docs/a.md:3", "{path}");
        }
    }

    #[test]
    fn placeholders_tests_commands_and_what_stands_in_no_backticks_are_left_alone() {
        for text in [
            "`apps/…/main.rs`",
            "`crates/*/src`",
            "`migrations/<name>/up.sql`",
            "`apps/a/tests/http::a_test`",
            "`cat apps/a.rs`",
            "`src/lib.rs`",
            "apps/a.rs",
        ] {
            assert_eq!(found("docs/a.md", text), [], "{text}");
        }
    }

    #[test]
    fn every_page_is_read_and_nothing_else() {
        for page in ["README.md", "docs/a.md", "docs/adr/0001-a.md"] {
            assert_eq!(found(page, "`apps/a.rs`").len(), 1, "{page}");
        }
        for file in ["apps/server/README.md", "docs/openapi.json", "crates/kernel/src/id.rs"] {
            assert_eq!(found(file, "`apps/a.rs`"), [], "{file}");
        }
    }
}
