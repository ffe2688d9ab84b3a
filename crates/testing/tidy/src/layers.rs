//! Who may use whom: the layer table of `docs/architecture.md`.

use crate::{Breach, Dependency, Kind, Layer, Package};

/// Returns the dependencies on a package of the workspace that the layer table forbids.
///
/// Dependencies of tests are free, but even in its tests the domain knows no adapter.
pub fn forbidden_uses(packages: &[Package]) -> Vec<Breach> {
    let uses =
        packages.iter().flat_map(|user| user.dependencies.iter().map(move |dependency| (user, dependency)));
    uses.filter_map(|(user, dependency)| {
        let provider =
            packages.iter().find(|package| dependency.is_ours && package.name == dependency.name)?;
        let is_allowed = may_use(user.layer, provider.layer, dependency.kind);
        (!is_allowed).then(|| breach(user, dependency, provider.layer))
    })
    .collect()
}

fn may_use(user: Layer, provider: Layer, kind: Kind) -> bool {
    if kind == Kind::Development {
        return !(user.is_domain() && provider == Layer::Adapter);
    }
    match user {
        Layer::Kernel => false,
        Layer::Tenancy => provider == Layer::Kernel,
        Layer::Domain => matches!(provider, Layer::Kernel | Layer::Tenancy),
        Layer::Adapter => provider.is_domain(),
        Layer::Testing | Layer::App => true,
    }
}

fn breach(user: &Package, dependency: &Dependency, provider: Layer) -> Breach {
    let rule = format!("`{}` may not use `{}`: {}", user.name, dependency.name, allowed(user.layer));
    Breach::new(user.manifest_file(), rule, remedy(user.layer, provider))
}

const fn allowed(user: Layer) -> &'static str {
    match user {
        Layer::Kernel => "the kernel uses no crate of ours",
        Layer::Tenancy => "tenancy uses only the kernel",
        Layer::Domain => "a domain crate uses only kernel and tenancy, and no adapter even in tests",
        Layer::Adapter => "an adapter uses domain crates, never another adapter",
        Layer::Testing | Layer::App => "everything is allowed",
    }
}

const fn remedy(user: Layer, provider: Layer) -> &'static str {
    match (user, provider) {
        (_, Layer::Adapter) if user.is_domain() => {
            "define a port here, let the adapter implement it, and test against the port's in-memory fake"
        }
        (Layer::Adapter, Layer::Adapter) => {
            "move what both need into the domain, or compose them in the server"
        }
        (Layer::Domain, Layer::Domain) => {
            "meet by a domain event, or define a port here that the server's bridges.rs implements with the other"
        }
        _ => "turn the dependency round: the outer layer uses the inner one",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches_of(user: &str, dependency: Dependency, provider: &str) -> Vec<Breach> {
        forbidden_uses(&[Package::made_up(user).with(dependency), Package::made_up(provider)])
    }

    fn ours(name: &str) -> Dependency {
        Dependency::ours(name)
    }

    #[test]
    fn the_inner_layers_may_be_used() {
        assert_eq!(breaches_of("crates/domain/tenancy", ours("kernel"), "crates/domain/kernel"), []);
        assert_eq!(breaches_of("crates/domain/lead", ours("tenancy"), "crates/domain/tenancy"), []);
        assert_eq!(breaches_of("crates/adapters/sqlite", ours("lead"), "crates/domain/lead"), []);
        assert_eq!(breaches_of("apps/server", ours("sqlite"), "crates/adapters/sqlite"), []);
    }

    #[test]
    fn the_kernel_uses_no_crate_of_ours() {
        assert_eq!(breaches_of("crates/domain/kernel", ours("tenancy"), "crates/domain/tenancy").len(), 1);
    }

    #[test]
    fn tenancy_may_not_use_another_domain_crate() {
        assert_eq!(breaches_of("crates/domain/tenancy", ours("lead"), "crates/domain/lead").len(), 1);
    }

    #[test]
    fn domain_crates_may_not_use_each_other() {
        let breaches = breaches_of("crates/domain/lead", ours("flow"), "crates/domain/flow");

        assert_eq!(breaches[0].file, "crates/domain/lead/Cargo.toml");
        assert!(breaches[0].rule.contains("`lead` may not use `flow`"), "{}", breaches[0].rule);
        assert!(breaches[0].mend.contains("bridges.rs"), "{}", breaches[0].mend);
    }

    #[test]
    fn an_adapter_may_not_use_another_adapter() {
        assert_eq!(breaches_of("crates/adapters/twilio", ours("sqlite"), "crates/adapters/sqlite").len(), 1);
    }

    #[test]
    fn tests_of_an_adapter_may_use_another_adapter() {
        let dependency = ours("sqlite").for_tests();

        assert_eq!(breaches_of("crates/adapters/twilio", dependency, "crates/adapters/sqlite"), []);
    }

    #[test]
    fn tests_of_the_domain_may_not_use_an_adapter() {
        let dependency = ours("sqlite").for_tests();

        assert_eq!(breaches_of("crates/domain/lead", dependency, "crates/adapters/sqlite").len(), 1);
    }

    #[test]
    fn a_stranger_with_the_name_of_one_of_ours_is_not_ours() {
        let dependency = Dependency::external("flow");

        assert_eq!(breaches_of("crates/domain/lead", dependency, "crates/domain/flow"), []);
    }
}
