//! Which crates of others the domain may use: small ones that do no I/O.

use crate::{Breach, Dependency, Kind, Layer, Package};

/// What the kernel may use.
pub const KERNEL_MAY_USE: &[&str] = &["async-trait", "chrono", "serde", "thiserror", "uuid"];

/// What the other domain crates may use.
pub const DOMAIN_MAY_USE: &[&str] = &[
    "async-trait",
    "base64",
    "chrono",
    "chrono-tz",
    "minijinja",
    "serde",
    "serde_json",
    "sha2",
    "subtle",
    "thiserror",
    "unicode-segmentation",
    "url",
    "uuid",
    "zeroize",
];

/// What they may use besides, when only their feature `testing` asks for it: contracts are asynchronous tests.
pub const DOMAIN_TESTING_MAY_USE: &[&str] = &["tokio"];

/// Returns the domain's dependencies on crates of others that are on no list. Those of tests are free.
pub fn unlisted_externals(packages: &[Package]) -> Vec<Breach> {
    let domain = packages.iter().filter(|package| package.layer.is_domain());
    let uses = domain.flat_map(|user| user.dependencies.iter().map(move |dependency| (user, dependency)));
    uses.filter(|(_, dependency)| !dependency.is_ours && dependency.kind != Kind::Development)
        .filter(|(user, dependency)| !is_listed(user.layer, dependency) && !is_for_testing(user, dependency))
        .map(|(user, dependency)| breach(user, dependency))
        .collect()
}

fn is_listed(layer: Layer, dependency: &Dependency) -> bool {
    let list = if layer == Layer::Kernel { KERNEL_MAY_USE } else { DOMAIN_MAY_USE };
    list.contains(&dependency.name.as_str())
}

/// Tells whether nothing but the feature `testing` brings the dependency in. Without a `dep:` an optional dependency
/// is a feature of its own name, which anybody could ask for, so that does not count.
fn is_for_testing(user: &Package, dependency: &Dependency) -> bool {
    let allowed = user.layer != Layer::Kernel && DOMAIN_TESTING_MAY_USE.contains(&dependency.name.as_str());
    let mut enabling =
        user.features.iter().filter(|(_, enabled)| enabled.iter().any(|one| enables(one, dependency)));
    allowed && dependency.optional && enabling.all(|(feature, _)| feature == "testing")
}

fn enables(enabled: &str, dependency: &Dependency) -> bool {
    let key = dependency.rename.as_ref().unwrap_or(&dependency.name);
    let enabled = enabled.strip_prefix("dep:").unwrap_or(enabled);
    enabled.split('/').next().is_some_and(|name| name.trim_end_matches('?') == key)
}

fn breach(user: &Package, dependency: &Dependency) -> Breach {
    let list = if user.layer == Layer::Kernel { KERNEL_MAY_USE } else { DOMAIN_MAY_USE };
    let rule = format!("`{}` may not use `{}`; the list is: {}", user.name, dependency.name, list.join(", "));
    let mend = if DOMAIN_TESTING_MAY_USE.contains(&dependency.name.as_str()) && user.layer != Layer::Kernel {
        "make it optional and write `testing = [\"dep:tokio\"]`, or move it to the dev-dependencies"
    } else {
        "put what needs it behind a port and into an adapter; a pure crate may be added to the list, with an ADR"
    };
    Breach::new(user.manifest_file(), rule, mend)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches_of(package: Package) -> usize {
        unlisted_externals(&[package]).len()
    }

    fn tokio() -> Dependency {
        Dependency::external("tokio")
    }

    #[test]
    fn the_domain_may_use_what_is_listed() {
        assert_eq!(
            breaches_of(Package::made_up("crates/domain/lead").with(Dependency::external("chrono-tz"))),
            0
        );
    }

    #[test]
    fn the_domain_may_not_use_a_technology() {
        let package = Package::made_up("crates/domain/lead").with(Dependency::external("diesel"));

        let breaches = unlisted_externals(&[package]);

        assert_eq!(breaches[0].file, "crates/domain/lead/Cargo.toml");
        assert!(breaches[0].rule.contains("`lead` may not use `diesel`"), "{}", breaches[0].rule);
    }

    #[test]
    fn the_list_of_the_kernel_is_shorter() {
        assert_eq!(
            breaches_of(Package::made_up("crates/domain/kernel").with(Dependency::external("sha2"))),
            1
        );
    }

    #[test]
    fn a_build_script_is_no_way_round_the_list() {
        let dependency = Dependency { kind: Kind::Build, ..Dependency::external("cc") };

        assert_eq!(breaches_of(Package::made_up("crates/domain/lead").with(dependency)), 1);
    }

    #[test]
    fn tests_and_adapters_may_use_anything() {
        let in_tests =
            Package::made_up("crates/domain/lead").with(Dependency::external("proptest").for_tests());
        let adapter = Package::made_up("crates/adapters/sqlite").with(Dependency::external("diesel"));

        assert_eq!(breaches_of(in_tests) + breaches_of(adapter), 0);
    }

    #[test]
    fn tokio_may_come_in_through_the_feature_testing() {
        let package = Package::made_up("crates/domain/lead").with(tokio().optional());

        assert_eq!(breaches_of(package.with_feature("testing", &["dep:tokio", "tokio/time"])), 0);
    }

    #[test]
    fn tokio_may_not_come_in_always() {
        let package = Package::made_up("crates/domain/lead").with(tokio());

        assert_eq!(breaches_of(package.with_feature("testing", &["tokio/time"])), 1);
    }

    #[test]
    fn tokio_may_not_come_in_through_another_feature() {
        let package = Package::made_up("crates/domain/lead").with(tokio().optional());

        assert_eq!(breaches_of(package.clone().with_feature("default", &["dep:tokio"])), 1);
        assert_eq!(breaches_of(package.clone().with_feature("default", &["tokio?/time"])), 1);
        assert_eq!(breaches_of(package.with_feature("tokio", &["dep:tokio"])), 1);
    }

    #[test]
    fn the_kernel_has_no_tokio_at_all() {
        let package = Package::made_up("crates/domain/kernel").with(tokio().optional());

        assert_eq!(breaches_of(package.with_feature("testing", &["dep:tokio"])), 1);
    }
}
