//! Takes the picture of this repository that the rules look at: packages from `cargo metadata`, files from the disk.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use cargo_metadata::{DependencyKind, MetadataCommand};
use tidy::ignored::Pattern;
use tidy::{Dependency, Kind, Layer, Package, SourceFile};

/// Folders that are git's own or hold other people's code, wherever they stand.
const NEVER_OURS: &[&str] = &[".git", "node_modules"];

/// Returns the packages of the workspace.
pub(crate) fn packages() -> anyhow::Result<Vec<Package>> {
    let root = repository()?;
    // Only the manifests are of interest, so no registry is asked.
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    metadata.packages.iter().map(|package| read_package(&root, package)).collect()
}

/// Returns every text file that belongs to the repository: not ignored by git, and readable as UTF-8.
pub(crate) fn files() -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    collect(&repository()?, "", &[], &mut files)?;
    Ok(files)
}

fn repository() -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3);
    Ok(root.context("crates/testing/tidy lies outside a workspace")?.canonicalize()?)
}

fn read_package(root: &Path, package: &cargo_metadata::Package) -> anyhow::Result<Package> {
    let manifest = package.manifest_path.as_std_path();
    let folder = manifest.parent().and_then(|folder| folder.strip_prefix(root).ok()).and_then(Path::to_str);
    let folder = folder.with_context(|| format!("{} lies outside the workspace", package.name))?.to_owned();
    let layer = Layer::of_folder(&folder).with_context(|| {
        format!("{folder} belongs to no layer: move it below apps, crates/domain, crates/adapters or crates/testing")
    })?;
    Ok(Package {
        name: package.name.to_string(),
        folder,
        layer,
        manifest: fs::read_to_string(manifest)?,
        dependencies: package.dependencies.iter().map(read_dependency).collect(),
        features: package.features.clone().into_iter().collect(),
    })
}

fn read_dependency(dependency: &cargo_metadata::Dependency) -> Dependency {
    Dependency {
        name: dependency.name.clone(),
        rename: dependency.rename.clone(),
        kind: match dependency.kind {
            DependencyKind::Development => Kind::Development,
            DependencyKind::Build => Kind::Build,
            _ => Kind::Normal,
        },
        optional: dependency.optional,
        features: dependency.features.clone(),
        is_ours: dependency.path.is_some(),
    }
}

fn collect(root: &Path, folder: &str, above: &[Pattern], files: &mut Vec<SourceFile>) -> anyhow::Result<()> {
    let here = root.join(folder);
    let own = fs::read_to_string(here.join(".gitignore")).unwrap_or_default();
    let patterns = [above, &Pattern::read(folder, &own)].concat();
    for entry in fs::read_dir(&here)? {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().context("a file name is not UTF-8")?;
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if NEVER_OURS.contains(&name.as_str()) || patterns.iter().any(|pattern| pattern.leaves_out(&path)) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(root, &path, &patterns, files)?;
        } else if kind.is_file()
            && let Ok(text) = fs::read_to_string(entry.path())
        {
            files.push(SourceFile { path, text });
        }
    }
    Ok(())
}
