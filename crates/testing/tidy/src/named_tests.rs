//! Every test that a page of the documentation names exists, so that what is said to be tested is.

use crate::{Breach, SourceFile};

/// The page whose tables name tests, as `path/of/the/file::name_of_the_test`, without the `.rs`.
const PAGE: &str = "docs/bad-inputs.md";
/// The last row of the list of bad inputs.
const ROWS: u32 = 63;

/// Returns the tests that the page names and no file has, and the rows that the page leaves out.
pub fn missing(files: &[SourceFile]) -> Vec<Breach> {
    let Some(page) = files.iter().find(|file| file.path == PAGE) else {
        return vec![Breach::new(PAGE, "the page that says how bad inputs are tested is there", "write it")];
    };
    let lines = page.text.lines().zip(1_usize..).filter(|(line, _)| line.starts_with('|'));
    let unknown = lines.clone().flat_map(|(line, number)| {
        let absent = named_in(line).filter(|name| !exists(name, files));
        absent.map(move |name| breach(&format!("{PAGE}:{number}"), name)).collect::<Vec<_>>()
    });
    let told: Vec<u32> = lines.filter_map(|(line, _)| line.split('|').nth(1)).flat_map(rows_of).collect();
    let left_out = (1..=ROWS).filter(|row| !told.contains(row));
    unknown.chain(left_out.map(left_out_breach)).collect()
}

fn breach(place: &str, name: &str) -> Breach {
    let rule = format!("every test that the page names exists; `{name}` does not");
    Breach::new(place, rule, "name the test as it is called now, or write it")
}

fn left_out_breach(row: u32) -> Breach {
    Breach::new(
        PAGE,
        format!("every row has its line; {row} has none"),
        "name its test, or say why there is none",
    )
}

/// Returns what a line of a table names as tests: what stands in backticks and has a `::`.
fn named_in(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).filter(|quoted| quoted.contains("::"))
}

/// Returns the rows of a first column such as `7`, `1–3` or `26, 37`.
fn rows_of(column: &str) -> Vec<u32> {
    let ranges = column.split(',').filter_map(|range| {
        let (first, last) = range.split_once('–').unwrap_or((range, range));
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    });
    ranges.flatten().collect()
}

fn exists(name: &str, files: &[SourceFile]) -> bool {
    let Some((path, test)) = name.rsplit_once("::") else { return false };
    let places = [format!("{path}.rs"), format!("{path}/mod.rs")];
    let declaration = format!("fn {test}(");
    files.iter().filter(|file| places.contains(&file.path)).any(|file| is_test(&file.text, &declaration))
}

/// Tells whether a function stands below an attribute that makes a test of it.
fn is_test(text: &str, declaration: &str) -> bool {
    let mut has_attribute = false;
    for line in text.lines().map(str::trim) {
        if let Some(attribute) = line.strip_prefix("#[") {
            has_attribute |= attribute.split(['(', ']']).next().is_some_and(|name| name.ends_with("test"));
        } else if has_attribute && line.contains(declaration) {
            return true;
        } else {
            has_attribute = false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "apps/server/tests/http/bodies.rs";
    const TEXT: &str =
        "#[tokio::test(start_paused = true)]\n#[ignore]\nasync fn row_1_is_400() {}\n\nfn helper() {}\n";

    /// A page with all rows, of which the first names a test.
    fn page(named: &str) -> [SourceFile; 2] {
        let page =
            format!("| row | test |\n|---|---|\n| 1 | `{named}` |\n| 2–60, 61 | none |\n| 62–63 | none |\n");
        [SourceFile::new(PAGE, &page), SourceFile::new(FILE, TEXT)]
    }

    #[test]
    fn a_test_that_exists_keeps_the_rule() {
        assert_eq!(missing(&page("apps/server/tests/http/bodies::row_1_is_400")), []);
    }

    #[test]
    fn a_test_that_was_renamed_or_moved_breaks_the_rule_with_its_line() {
        for named in [
            "apps/server/tests/http/bodies::row_1_is_413",
            "apps/server/tests/http/bodies::row_1",
            "apps/server/tests/http/envelope::row_1_is_400",
        ] {
            let breaches = missing(&page(named));

            assert_eq!(breaches.len(), 1, "{named}");
            assert_eq!(breaches[0].file, "docs/bad-inputs.md:3", "{named}");
        }
    }

    #[test]
    fn a_function_that_is_no_test_breaks_the_rule() {
        assert_eq!(missing(&page("apps/server/tests/http/bodies::helper")).len(), 1);
    }

    #[test]
    fn a_row_without_a_line_breaks_the_rule() {
        let page = "| row | test |\n|---|---|\n| 1–61 | none |\n| 63 | none |\n";

        assert_eq!(missing(&[SourceFile::new(PAGE, page)]).len(), 1);
    }

    #[test]
    fn a_page_that_is_gone_breaks_the_rule() {
        assert_eq!(missing(&[SourceFile::new(FILE, TEXT)]).len(), 1);
    }
}
