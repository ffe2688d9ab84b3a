//! What the tests need on a machine besides Rust, where to find each thing, and which package brings it.
//!
//! A further program is one more row in [`PROGRAMS`] or [`SERVICES`].

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::apt;
use crate::search::{holds_all, programs};

/// A program that some tests cannot do without.
#[derive(Debug)]
pub(crate) struct Need {
    /// The program's name for people.
    pub(crate) name: &'static str,
    /// Which part of the tests asks for it.
    pub(crate) purpose: &'static str,
    /// Names to look up on `PATH` and absolute paths, in order of preference; see [`programs`].
    pub(crate) candidates: &'static [&'static str],
    /// Programs of which it is one; a candidate counts only if all of them lie beside it. Where there are any, the
    /// variable holds their folder in the place of one program's path.
    pub(crate) companions: &'static [&'static str],
    /// The environment variable through which tests learn the path, and by which a developer may choose another.
    pub(crate) variable: Option<&'static str>,
    /// The Debian packages that bring it.
    pub(crate) apt_packages: &'static [&'static str],
}

/// What the tests run or are built with.
pub(crate) const PROGRAMS: &[Need] = &[
    // No variable: exporting CC would make the next plain `cargo build` compile SQLite again.
    Need {
        name: "C compiler",
        purpose: "the bundled SQLite",
        candidates: &["cc"],
        companions: &[],
        variable: None,
        apt_packages: &["build-essential"],
    },
    Need {
        name: "Chromium",
        purpose: "the tests of pages",
        candidates: &[
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
            "/usr/lib/chromium/chromium",
            "/usr/lib/chromium-browser/chromium-browser",
            "/opt/google/chrome/chrome",
            "/snap/bin/chromium",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            "/Applications/Chromium.app/Contents/MacOS/Chromium",
        ],
        companions: &[],
        variable: Some("CHEETAH_CHROMIUM"),
        // Without a font of its own a bare server lays text out with boxes.
        apt_packages: &["chromium", "fonts-liberation"],
    },
];

/// What the tests start copies of. The package of Postgres starts a cluster by itself; nothing here touches that one.
pub(crate) const SERVICES: &[Need] = &[
    Need {
        name: "PostgreSQL",
        purpose: "the tests of stores",
        // Debian keeps its programs off `PATH`, and what is there may be a lone link.
        candidates: &["/usr/lib/postgresql/*/bin/postgres", "postgres"],
        companions: &["initdb", "postgres", "pg_ctl", "psql"],
        variable: Some("CHEETAH_POSTGRES_BIN"),
        apt_packages: &["postgresql"],
    },
    Need {
        name: "Redis",
        purpose: "the tests of limits and caches",
        candidates: &["redis-server", "/usr/bin/redis-server"],
        companions: &[],
        variable: Some("CHEETAH_REDIS_SERVER"),
        apt_packages: &["redis-server"],
    },
];

/// A need and the program that meets it.
#[derive(Debug)]
pub(crate) struct Found {
    need: &'static Need,
    path: PathBuf,
}

impl Found {
    /// Returns the variable and value that tell tests where the program is.
    pub(crate) fn variable(&self) -> Option<(&'static str, OsString)> {
        self.need.variable.map(|name| (name, self.path.clone().into_os_string()))
    }
}

/// Finds a program for every need, installing Debian packages for those that are missing where that is possible
/// without asking anybody.
///
/// # Errors
/// Names the missing programs and the command that installs them, when they cannot be installed.
pub(crate) fn ensure(groups: &[&'static [Need]]) -> anyhow::Result<Vec<Found>> {
    let needs = || groups.iter().copied().flatten();
    let missing: Vec<&Need> = needs().filter(|need| locate(need).is_none()).collect();
    if !missing.is_empty() {
        for need in &missing {
            println!("    {}: not found", need.name);
        }
        if let Err(error) = apt::install(&packages(&missing)) {
            return Err(error.context(advice(&missing)));
        }
    }
    needs().map(found_or_advice).collect()
}

fn found_or_advice(need: &'static Need) -> anyhow::Result<Found> {
    let Some(path) = locate(need) else {
        bail!("{}", advice(&[need]));
    };
    println!("    {}: {}", need.name, path.display());
    Ok(Found { need, path })
}

/// Returns the path that the need's variable is to hold.
fn locate(need: &Need) -> Option<PathBuf> {
    let chosen = need.variable.and_then(std::env::var_os).map(PathBuf::from);
    let path = std::env::var_os("PATH");
    let mut found = programs(need.candidates, path.as_deref());
    if need.companions.is_empty() {
        return chosen.filter(|path| path.is_file()).or_else(|| found.next());
    }
    let folders = found.filter_map(|program| program.parent().map(Path::to_path_buf));
    chosen.into_iter().chain(folders).find(|folder| holds_all(folder, need.companions))
}

fn packages(needs: &[&Need]) -> Vec<&'static str> {
    needs.iter().flat_map(|need| need.apt_packages).copied().collect()
}

/// Says what is missing, for what, and how to get it.
fn advice(missing: &[&Need]) -> String {
    let lines: String = missing.iter().map(|need| advice_line(need)).collect();
    let packages = packages(missing).join(" ");
    format!(
        "this machine lacks what the tests need:\n{lines}install it with: sudo apt-get install {packages}"
    )
}

fn advice_line(need: &Need) -> String {
    let place = if need.companions.is_empty() { "its path" } else { "the folder of its programs" };
    let choice = need.variable.map(|name| format!(" (or set {name} to {place})")).unwrap_or_default();
    format!("  {}, for {}{choice}\n", need.name, need.purpose)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESENT: &[Need] = &[PRESENT_SHELL];
    const PRESENT_SHELL: Need = Need {
        name: "shell",
        purpose: "this test",
        candidates: &["no-such-shell", "sh"],
        companions: &[],
        variable: Some("XTASK_TEST_SHELL"),
        apt_packages: &["dash"],
    };

    #[test]
    fn a_program_on_path_is_handed_to_the_tests_by_its_variable() {
        let found = ensure(&[PRESENT]).expect("every machine has a shell");

        let (variable, path) = found[0].variable().expect("the need names a variable");
        assert_eq!(variable, "XTASK_TEST_SHELL");
        assert!(PathBuf::from(path).ends_with("sh"));
    }

    #[test]
    fn of_programs_that_belong_together_the_folder_is_handed_on() {
        const TOGETHER: &[Need] = &[Need { companions: &["sh", "env"], ..PRESENT_SHELL }];

        let found = ensure(&[TOGETHER]).expect("every machine has both in one folder");

        let (_, folder) = found[0].variable().expect("the need names a variable");
        assert!(holds_all(Path::new(&folder), &["sh", "env"]), "{}", folder.display());
    }

    #[test]
    fn a_program_without_its_companions_is_none() {
        const ALONE: Need = Need { companions: &["sh", "no-such-companion"], ..PRESENT_SHELL };

        assert_eq!(locate(&ALONE), None);
    }

    #[test]
    fn the_advice_names_the_program_the_package_and_the_command() {
        let advice = advice(&[&PRESENT[0]]);

        assert!(advice.contains("shell, for this test (or set XTASK_TEST_SHELL to its path)"));
        assert!(advice.ends_with("sudo apt-get install dash"));
    }

    #[test]
    fn every_need_names_candidates_and_packages() {
        for need in PROGRAMS.iter().chain(SERVICES) {
            assert!(!need.candidates.is_empty(), "{} has no candidate", need.name);
            assert!(!need.apt_packages.is_empty(), "{} has no package", need.name);
        }
    }
}
