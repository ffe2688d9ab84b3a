//! The picture of a package that the rules look at: where it lies and what its manifest asks for.

use std::collections::BTreeMap;

/// The layer a package belongs to, which its folder decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// `crates/domain/kernel`.
    Kernel,
    /// `crates/domain/tenancy`.
    Tenancy,
    /// Every other folder in `crates/domain`.
    Domain,
    /// `crates/adapters`.
    Adapter,
    /// `crates/testing`.
    Testing,
    /// `apps`.
    App,
}

impl Layer {
    /// Returns the layer of a folder, given relative to the repository; `None` for a folder outside all of them.
    pub fn of_folder(folder: &str) -> Option<Self> {
        let (layer, name) = folder.rsplit_once('/')?;
        match (layer, name) {
            ("crates/domain", "kernel") => Some(Self::Kernel),
            ("crates/domain", "tenancy") => Some(Self::Tenancy),
            ("crates/domain", _) => Some(Self::Domain),
            ("crates/adapters", _) => Some(Self::Adapter),
            ("crates/testing", _) => Some(Self::Testing),
            ("apps", _) => Some(Self::App),
            _ => None,
        }
    }

    /// Tells whether the layer lies in `crates/domain`.
    pub const fn is_domain(self) -> bool {
        matches!(self, Self::Kernel | Self::Tenancy | Self::Domain)
    }
}

/// Which build a dependency belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The product itself.
    Normal,
    /// The package's tests, examples and benches.
    Development,
    /// The package's build script.
    Build,
}

/// A dependency as a manifest asks for it, what the workspace table adds included.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// The package's name.
    pub name: String,
    /// The name the manifest gives it, where that is another.
    pub rename: Option<String>,
    /// Which build it belongs to.
    pub kind: Kind,
    /// Whether a feature must ask for it.
    pub optional: bool,
    /// The features asked for.
    pub features: Vec<String>,
    /// Whether it is a package of this workspace.
    pub is_ours: bool,
}

/// A package of the workspace.
#[derive(Debug, Clone)]
pub struct Package {
    /// The package's name.
    pub name: String,
    /// Its folder, relative to the repository and with slashes.
    pub folder: String,
    /// Its layer.
    pub layer: Layer,
    /// The text of its `Cargo.toml`.
    pub manifest: String,
    /// Its dependencies, in the manifest's order.
    pub dependencies: Vec<Dependency>,
    /// Its features and what each enables.
    pub features: BTreeMap<String, Vec<String>>,
}

impl Package {
    /// Returns the manifest's path, relative to the repository.
    pub fn manifest_file(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// Returns the last part of the folder.
    pub fn folder_name(&self) -> &str {
        self.folder.rsplit('/').next().unwrap_or(&self.folder)
    }
}

/// Builders of made-up packages for the rules' own tests.
#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    impl Package {
        /// Returns a package in a folder, named as the folder, that depends on nothing.
        pub(crate) fn made_up(folder: &str) -> Self {
            Self {
                name: folder.rsplit('/').next().unwrap().to_owned(),
                folder: folder.to_owned(),
                layer: Layer::of_folder(folder).unwrap(),
                manifest: String::new(),
                dependencies: Vec::new(),
                features: BTreeMap::new(),
            }
        }

        pub(crate) fn with(mut self, dependency: Dependency) -> Self {
            self.dependencies.push(dependency);
            self
        }

        pub(crate) fn with_feature(mut self, name: &str, enables: &[&str]) -> Self {
            let enables = enables.iter().map(|&enabled| enabled.to_owned()).collect();
            self.features.insert(name.to_owned(), enables);
            self
        }
    }

    impl Dependency {
        /// Returns a normal dependency on a package of the workspace.
        pub(crate) fn ours(name: &str) -> Self {
            let name = name.to_owned();
            Self {
                name,
                rename: None,
                kind: Kind::Normal,
                optional: false,
                features: Vec::new(),
                is_ours: true,
            }
        }

        /// Returns a normal dependency on somebody else's package.
        pub(crate) fn external(name: &str) -> Self {
            Self { is_ours: false, ..Self::ours(name) }
        }

        pub(crate) fn for_tests(self) -> Self {
            Self { kind: Kind::Development, ..self }
        }

        pub(crate) fn optional(self) -> Self {
            Self { optional: true, ..self }
        }

        pub(crate) fn with_testing(self) -> Self {
            Self { features: vec!["testing".to_owned()], ..self }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_decides_the_layer() {
        assert_eq!(Layer::of_folder("crates/domain/kernel"), Some(Layer::Kernel));
        assert_eq!(Layer::of_folder("crates/domain/conversation"), Some(Layer::Domain));
        assert_eq!(Layer::of_folder("crates/adapters/sqlite"), Some(Layer::Adapter));
        assert_eq!(Layer::of_folder("apps/server"), Some(Layer::App));
    }

    #[test]
    fn a_folder_outside_the_layers_has_none() {
        assert_eq!(Layer::of_folder("crates/misc/kernel"), None);
        assert_eq!(Layer::of_folder("apps/server/inner"), None);
    }
}
