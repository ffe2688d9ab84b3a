//! What every manifest says: it inherits the workspace's lints, and its package is named as its folder.

use crate::{Breach, Package};

/// Returns the packages that do not inherit the workspace's lints.
pub fn without_workspace_lints(packages: &[Package]) -> Vec<Breach> {
    let breach = |package: &Package| {
        let rule = format!("`{}` does not inherit the workspace's lints", package.name);
        Breach::new(package.manifest_file(), rule, "add `[lints]` with `workspace = true`")
    };
    packages.iter().filter(|package| !inherits_lints(&package.manifest)).map(breach).collect()
}

/// Returns the packages whose name is neither that of their folder nor that with `cheetah-` in front.
pub fn with_foreign_names(packages: &[Package]) -> Vec<Breach> {
    let breach = |package: &Package| {
        let folder = package.folder_name();
        let rule = format!("the package in `{folder}` is called `{}`", package.name);
        let mend = format!("call it `{folder}`, or `cheetah-{folder}` where crates.io has a `{folder}`");
        Breach::new(package.manifest_file(), rule, mend)
    };
    packages.iter().filter(|package| !is_named_as_its_folder(package)).map(breach).collect()
}

/// Reads the two ways of writing it: a table, or a dotted key before the first table.
fn inherits_lints(manifest: &str) -> bool {
    let mut table = "";
    manifest.lines().map(|line| line.split('#').next().unwrap_or("").trim()).any(|line| {
        if line.starts_with('[') {
            table = line;
        }
        let assignment: String = line.chars().filter(|letter| !letter.is_whitespace()).collect();
        match table {
            "" => assignment == "lints.workspace=true",
            "[lints]" => assignment == "workspace=true",
            _ => false,
        }
    })
}

fn is_named_as_its_folder(package: &Package) -> bool {
    package.name.strip_prefix("cheetah-").unwrap_or(&package.name) == package.folder_name()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_manifest(manifest: &str) -> [Package; 1] {
        [Package { manifest: manifest.to_owned(), ..Package::made_up("apps/server") }]
    }

    fn named(name: &str) -> [Package; 1] {
        [Package { name: name.to_owned(), ..Package::made_up("crates/adapters/redis") }]
    }

    #[test]
    fn a_table_or_a_dotted_key_inherits_the_lints() {
        assert_eq!(
            without_workspace_lints(&with_manifest("[package]\n\n[lints]\nworkspace = true # all\n")),
            []
        );
        assert_eq!(without_workspace_lints(&with_manifest("lints.workspace = true\n[package]\n")), []);
    }

    #[test]
    fn a_manifest_without_lints_breaks_the_rule() {
        let breaches = without_workspace_lints(&with_manifest("[package]\nversion.workspace = true\n"));

        assert_eq!(breaches[0].file, "apps/server/Cargo.toml");
    }

    #[test]
    fn lints_in_a_comment_or_set_by_hand_are_not_inherited() {
        assert_eq!(without_workspace_lints(&with_manifest("[lints]\n# workspace = true\n")).len(), 1);
        assert_eq!(without_workspace_lints(&with_manifest("[lints.clippy]\nall = \"deny\"\n")).len(), 1);
        assert_eq!(without_workspace_lints(&with_manifest("[dependencies.x]\nworkspace = true\n")).len(), 1);
    }

    #[test]
    fn a_package_is_named_as_its_folder_or_with_the_prefix() {
        assert_eq!(with_foreign_names(&named("redis")), []);
        assert_eq!(with_foreign_names(&named("cheetah-redis")), []);
    }

    #[test]
    fn any_other_name_breaks_the_rule() {
        let breaches = with_foreign_names(&named("redis-adapter"));

        assert_eq!(breaches[0].file, "crates/adapters/redis/Cargo.toml");
        assert!(breaches[0].mend.contains("`cheetah-redis`"), "{}", breaches[0].mend);
    }
}
