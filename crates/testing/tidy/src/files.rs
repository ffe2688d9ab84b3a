//! What every Rust file looks like: it opens with module documentation and stays short.

use std::path::Path;

use crate::Breach;

/// The most lines a file of the product may have.
pub const LONGEST: usize = 500;

/// A text file of the repository.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path, relative to the repository and with slashes.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl SourceFile {
    /// Returns a file.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Tells whether the file holds Rust.
    pub fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    fn lies_in(&self, folder: &str) -> bool {
        format!("/{}", self.path).contains(folder)
    }
}

/// Returns the Rust files that do not open with `//!`. Snippets for compile-fail tests are exempt: what they print is
/// compared line by line.
pub fn without_module_docs(files: &[SourceFile]) -> Vec<Breach> {
    let rust = files.iter().filter(|file| file.is_rust() && !file.lies_in("/tests/ui/"));
    rust.filter(|file| !file.text.starts_with("//!")).map(undocumented).collect()
}

fn undocumented(file: &SourceFile) -> Breach {
    let mend = "say in one to three sentences of `//!`, before anything else, what the file owns";
    Breach::new(&file.path, "every Rust file opens with module documentation", mend)
}

/// Returns the Rust files of the product with more than [`LONGEST`] lines; tests and benches are exempt.
pub fn too_long(files: &[SourceFile]) -> Vec<Breach> {
    let product =
        files.iter().filter(|file| file.is_rust() && !file.lies_in("/tests/") && !file.lies_in("/benches/"));
    product.filter_map(|file| too_long_by(file, file.text.lines().count())).collect()
}

fn too_long_by(file: &SourceFile, lines: usize) -> Option<Breach> {
    let rule = format!("a file has at most {LONGEST} lines, this one {lines}");
    (lines > LONGEST).then(|| Breach::new(&file.path, rule, "split it by what its parts own"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> String {
        "//! Line.\n".repeat(count)
    }

    #[test]
    fn a_file_that_opens_with_documentation_is_fine() {
        assert_eq!(without_module_docs(&[SourceFile::new("src/a.rs", "//! Owns a.\n")]), []);
    }

    #[test]
    fn a_file_that_opens_with_anything_else_breaks_the_rule() {
        let files =
            [SourceFile::new("src/a.rs", "use std::fmt;\n"), SourceFile::new("tests/b.rs", "// B.\n//! B.")];

        let breaches = without_module_docs(&files);

        assert_eq!(
            breaches.iter().map(|breach| breach.file.as_str()).collect::<Vec<_>>(),
            ["src/a.rs", "tests/b.rs"]
        );
    }

    #[test]
    fn snippets_of_compile_fail_tests_and_other_languages_need_no_documentation() {
        let files =
            [SourceFile::new("x/tests/ui/a.rs", "fn main() {}"), SourceFile::new("a.sql", "select 1")];

        assert_eq!(without_module_docs(&files), []);
    }

    #[test]
    fn five_hundred_lines_are_allowed_and_one_more_is_not() {
        assert_eq!(too_long(&[SourceFile::new("src/a.rs", lines(LONGEST))]), []);
        assert_eq!(too_long(&[SourceFile::new("src/a.rs", lines(LONGEST + 1))]).len(), 1);
    }

    #[test]
    fn tests_and_benches_may_be_longer() {
        let files =
            ["tests/a.rs", "x/tests/a.rs", "x/benches/a.rs"].map(|path| SourceFile::new(path, lines(501)));

        assert_eq!(too_long(&files), []);
    }
}
