//! The feature `testing` of our crates, which holds fakes and contracts, never reaches the product.

use crate::{Breach, Dependency, Kind, Package};

/// Returns the dependencies and features through which a build of the product would get fakes.
///
/// One way is allowed: the feature `testing` of a domain crate may enable that of kernel and tenancy, whose fakes its
/// own are made of.
pub fn leaks(packages: &[Package]) -> Vec<Breach> {
    packages.iter().flat_map(|package| [dependency_leaks(package), feature_leaks(package)].concat()).collect()
}

fn dependency_leaks(package: &Package) -> Vec<Breach> {
    let asks = |used: &&Dependency| used.features.iter().any(|feature| feature == "testing");
    let leaking = package.dependencies.iter().filter(|used| used.is_ours && used.kind != Kind::Development);
    leaking.filter(asks).map(|used| breach(package, &format!("asks `{}` for it", used.name))).collect()
}

fn feature_leaks(package: &Package) -> Vec<Breach> {
    let pairs =
        package.features.iter().flat_map(|(feature, all)| all.iter().map(move |enabled| (feature, enabled)));
    pairs
        .filter(|(feature, enabled)| is_leak(package, feature, enabled))
        .map(|(feature, enabled)| breach(package, &format!("has the feature `{feature}` enable `{enabled}`")))
        .collect()
}

fn is_leak(package: &Package, feature: &str, enabled: &str) -> bool {
    let Some((key, "testing")) = enabled.split_once('/') else {
        return enabled == "testing";
    };
    let key = key.trim_end_matches('?');
    let is_ours = package.dependencies.iter().any(|used| {
        used.is_ours && used.kind != Kind::Development && used.rename.as_ref().unwrap_or(&used.name) == key
    });
    let is_allowed =
        package.layer.is_domain() && feature == "testing" && ["kernel", "tenancy"].contains(&key);
    is_ours && !is_allowed
}

fn breach(package: &Package, how: &str) -> Breach {
    let rule = format!("the feature `testing` is for dev-dependencies alone, but `{}` {how}", package.name);
    let mend = "ask for `features = [\"testing\"]` in [dev-dependencies]; only the feature `testing` of a domain \
                crate may enable `kernel/testing` and `tenancy/testing`";
    Breach::new(package.manifest_file(), rule, mend)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead() -> Package {
        Package::made_up("crates/domain/lead").with(Dependency::ours("tenancy"))
    }

    #[test]
    fn tests_may_ask_for_fakes() {
        let package = lead().with(Dependency::ours("tenancy").with_testing().for_tests());

        assert_eq!(leaks(&[package]), []);
    }

    #[test]
    fn the_product_may_not_ask_for_fakes() {
        let package = Package::made_up("apps/server").with(Dependency::ours("lead").with_testing());

        let breaches = leaks(&[package]);

        assert_eq!(breaches[0].file, "apps/server/Cargo.toml");
        assert!(breaches[0].rule.ends_with("`server` asks `lead` for it"), "{}", breaches[0].rule);
    }

    #[test]
    fn the_fakes_of_a_domain_crate_may_be_made_of_those_of_tenancy() {
        assert_eq!(leaks(&[lead().with_feature("testing", &["tenancy/testing"])]), []);
    }

    #[test]
    fn no_other_feature_may_enable_testing() {
        assert_eq!(leaks(&[lead().with_feature("default", &["tenancy/testing"])]).len(), 1);
        assert_eq!(leaks(&[lead().with_feature("default", &["testing"])]).len(), 1);
        assert_eq!(leaks(&[lead().with_feature("extra", &["tenancy?/testing"])]).len(), 1);
    }

    #[test]
    fn the_fakes_of_an_adapter_may_not_pull_in_those_of_the_domain() {
        let adapter = Package::made_up("crates/adapters/sqlite").with(Dependency::ours("tenancy"));

        assert_eq!(leaks(&[adapter.with_feature("testing", &["tenancy/testing"])]).len(), 1);
    }

    #[test]
    fn the_feature_testing_of_a_stranger_is_its_own_affair() {
        let package = lead().with(Dependency::external("other").with_testing());

        assert_eq!(leaks(&[package.with_feature("default", &["other/testing"])]), []);
    }
}
