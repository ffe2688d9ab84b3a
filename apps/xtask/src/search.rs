//! Finds a program on `PATH`, or by an absolute path in which a folder may be written with one `*`.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// Returns the first candidate that is a program; see [`programs`].
pub(crate) fn first_program(candidates: &[&str], path: Option<&OsStr>) -> Option<PathBuf> {
    programs(candidates, path).next()
}

/// Returns the candidates that are programs: bare names are looked up on `path`, the others taken as absolute paths.
/// Where a `*` fits several folders, the one with the highest number in front comes first, so the newest version.
pub(crate) fn programs(candidates: &[&str], path: Option<&OsStr>) -> impl Iterator<Item = PathBuf> {
    candidates.iter().flat_map(move |candidate| places(candidate, path)).filter(|file| is_program(file))
}

/// Tells whether a folder holds all these programs.
pub(crate) fn holds_all(folder: &Path, programs: &[&str]) -> bool {
    programs.iter().all(|program| is_program(&folder.join(program)))
}

fn places(candidate: &str, path: Option<&OsStr>) -> Vec<PathBuf> {
    if Path::new(candidate).is_absolute() {
        expand(Path::new(candidate))
    } else {
        path.map(|path| std::env::split_paths(path).map(|folder| folder.join(candidate)).collect())
            .unwrap_or_default()
    }
}

fn expand(pattern: &Path) -> Vec<PathBuf> {
    pattern.components().fold(vec![PathBuf::new()], |found, component| {
        found.iter().flat_map(|folder| expand_component(folder, component)).collect()
    })
}

fn expand_component(folder: &Path, component: Component<'_>) -> Vec<PathBuf> {
    let name = component.as_os_str().to_string_lossy();
    let Some((prefix, suffix)) = name.split_once('*') else {
        return vec![folder.join(component)];
    };
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.strip_prefix(prefix).is_some_and(|rest| rest.ends_with(suffix)))
        .collect();
    names.sort_by_key(|name| Reverse((leading_number(name), name.clone())));
    names.into_iter().map(|name| folder.join(name)).collect()
}

/// Returns the number a folder's name starts with, so that version 15 comes before version 9.
fn leading_number(name: &str) -> u64 {
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;

    fn place(root: &TempDir, file: &str, mode: u32) -> PathBuf {
        let file = root.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn a_bare_name_is_found_on_path() {
        let root = TempDir::new().unwrap();
        let browser = place(&root, "bin/browser", 0o755);
        let path = root.path().join("bin");

        assert_eq!(first_program(&["other", "browser"], Some(path.as_os_str())), Some(browser));
    }

    #[test]
    fn a_file_that_may_not_be_executed_is_no_program() {
        let root = TempDir::new().unwrap();
        place(&root, "bin/browser", 0o644);
        let path = root.path().join("bin");

        assert_eq!(first_program(&["browser"], Some(path.as_os_str())), None);
    }

    #[test]
    fn a_star_stands_for_one_folder_and_the_newest_version_wins() {
        let root = TempDir::new().unwrap();
        place(&root, "lib/9/bin/database", 0o755);
        let newest = place(&root, "lib/15/bin/database", 0o755);
        fs::create_dir_all(root.path().join("lib/16/bin")).unwrap();
        let pattern = root.path().join("lib/*/bin/database");

        assert_eq!(first_program(&[pattern.to_str().unwrap()], None), Some(newest));
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        assert_eq!(first_program(&["browser", "/no/such/*/folder/browser"], None), None);
    }
}
