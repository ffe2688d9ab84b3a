//! Every Rust file is part of a crate: one that no module declares is never compiled, and its tests never run.

use std::path::Path;

use crate::{Breach, SourceFile};

/// Returns the Rust files that no other file declares as a module. Snippets for compile-fail tests are named by a pattern.
pub fn undeclared(files: &[SourceFile]) -> Vec<Breach> {
    let rust: Vec<_> = files.iter().filter(|file| file.is_rust()).collect();
    let modules = rust.iter().filter(|file| !is_root(&file.path) && !file.path.contains("/tests/ui/"));
    modules.filter(|file| !is_declared(&file.path, &rust)).map(|file| breach(file)).collect()
}

fn breach(file: &SourceFile) -> Breach {
    let rule = "every Rust file is declared as a module, or it is never compiled";
    Breach::new(&file.path, rule, "declare it with `mod`, or delete it")
}

/// Tells whether cargo finds the file by itself, or a manifest names it.
fn is_root(path: &str) -> bool {
    let (folder, name) = split(path);
    let is_named = ["lib.rs", "main.rs", "build.rs"].contains(&name);
    is_named || ["tests", "benches", "examples", "bin", "fuzz_targets"].contains(&split(folder).1)
}

fn is_declared(path: &str, files: &[&SourceFile]) -> bool {
    let (folder, name) = split(path);
    let (parent, module) = if name == "mod.rs" { split(folder) } else { (folder, stem(name)) };
    let by_path = format!("/{}/{name}\"]", split(folder).1);
    files.iter().any(|file| {
        let declares = may_declare(&file.path, parent) && has_module(&file.text, module);
        declares || (file.text.contains("#[path = ") && file.text.contains(&by_path))
    })
}

/// Tells whether a module below `parent` is declared in this file.
fn may_declare(path: &str, parent: &str) -> bool {
    let (folder, name) = split(path);
    let inside = folder == parent && (["lib.rs", "main.rs", "mod.rs"].contains(&name) || is_root(path));
    inside || path.strip_suffix(".rs") == Some(parent)
}

fn has_module(text: &str, module: &str) -> bool {
    let declaration = format!("mod {module};");
    text.lines().any(|line| {
        let before = line.trim().strip_suffix(&declaration);
        before.is_some_and(|before| before.is_empty() || before.starts_with("pub"))
    })
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn stem(name: &str) -> &str {
    Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<_> = files.iter().map(|(path, text)| SourceFile::new(*path, *text)).collect();
        undeclared(&files).into_iter().map(|breach| breach.file).collect()
    }

    #[test]
    fn what_cargo_finds_or_a_module_declares_is_fine() {
        let files = [
            ("x/src/lib.rs", "mod a;\npub mod b;\npub(crate) mod c;"),
            ("x/src/a.rs", ""),
            ("x/src/b.rs", "mod deep;"),
            ("x/src/b/deep.rs", ""),
            ("x/src/c/mod.rs", ""),
            ("x/tests/one.rs", "mod support;"),
            ("x/tests/support/mod.rs", "mod more;"),
            ("x/tests/support/more.rs", ""),
            ("x/tests/many/main.rs", "mod some;"),
            ("x/tests/many/some.rs", ""),
            ("x/tests/ui/snippet.rs", ""),
            ("x/fuzz_targets/target.rs", ""),
            ("shared/part.rs", ""),
            ("y/src/lib.rs", "#[path = \"../../shared/part.rs\"]\nmod part;"),
        ];
        assert_eq!(names(&files), Vec::<String>::new());
    }

    #[test]
    fn what_nobody_declares_breaks_the_rule() {
        let files = [
            ("x/src/lib.rs", "// mod a;\nmod ab;\nmod inline {}"),
            ("x/src/a.rs", ""),
            ("x/src/ab.rs", ""),
            ("x/tests/many/main.rs", "mod some;"),
            ("x/tests/many/forgotten.rs", "mod some;"),
            ("x/tests/many/some.rs", ""),
            ("shared/part.rs", ""),
        ];
        assert_eq!(names(&files), ["x/src/a.rs", "x/tests/many/forgotten.rs", "shared/part.rs"]);
    }
}
