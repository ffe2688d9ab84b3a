//! Holds this repository to the rules of `docs/architecture.md`, one test a rule.

mod load;

use tidy::{
    Breach, adapter_names, externals, files, layers, leftovers, manifests, migrations, modules, named_paths,
    named_tests, report, testing_feature,
};

fn assert_kept(breaches: &[Breach]) {
    assert!(breaches.is_empty(), "{}", report(breaches));
}

#[test]
fn each_layer_uses_only_the_layers_it_may() -> anyhow::Result<()> {
    assert_kept(&layers::forbidden_uses(&load::packages()?));
    Ok(())
}

#[test]
fn the_domain_uses_only_listed_crates_of_others() -> anyhow::Result<()> {
    assert_kept(&externals::unlisted_externals(&load::packages()?));
    Ok(())
}

#[test]
fn only_compose_names_adapters() -> anyhow::Result<()> {
    let adapters = adapter_names::adapter_crates(&load::packages()?);
    assert_kept(&adapter_names::named_outside_compose(&load::files()?, &adapters));
    Ok(())
}

#[test]
fn fakes_are_asked_for_only_in_dev_dependencies() -> anyhow::Result<()> {
    assert_kept(&testing_feature::leaks(&load::packages()?));
    Ok(())
}

#[test]
fn every_package_inherits_the_workspace_lints() -> anyhow::Result<()> {
    assert_kept(&manifests::without_workspace_lints(&load::packages()?));
    Ok(())
}

#[test]
fn every_package_is_named_as_its_folder() -> anyhow::Result<()> {
    assert_kept(&manifests::with_foreign_names(&load::packages()?));
    Ok(())
}

#[test]
fn every_rust_file_opens_with_module_documentation() -> anyhow::Result<()> {
    assert_kept(&files::without_module_docs(&load::files()?));
    Ok(())
}

#[test]
fn no_file_of_the_product_is_too_long() -> anyhow::Result<()> {
    assert_kept(&files::too_long(&load::files()?));
    Ok(())
}

#[test]
fn every_rust_file_is_part_of_a_crate() -> anyhow::Result<()> {
    assert_kept(&modules::undeclared(&load::files()?));
    Ok(())
}

#[test]
fn no_file_names_a_path_of_one_machine() -> anyhow::Result<()> {
    assert_kept(&leftovers::machine_paths(&load::files()?));
    Ok(())
}

#[test]
fn no_file_is_marked_as_unfinished() -> anyhow::Result<()> {
    assert_kept(&leftovers::unfinished_marks(&load::files()?));
    Ok(())
}

#[test]
fn a_migration_of_postgres_only_adds() -> anyhow::Result<()> {
    assert_kept(&migrations::that_take_away(&load::files()?));
    Ok(())
}

#[test]
fn every_test_that_the_documentation_names_exists() -> anyhow::Result<()> {
    assert_kept(&named_tests::missing(&load::files()?));
    Ok(())
}

#[test]
fn every_path_that_the_documentation_names_exists() -> anyhow::Result<()> {
    assert_kept(&named_paths::missing(&load::files()?));
    Ok(())
}

/// A rule that is shown nothing is never broken.
#[test]
fn the_rules_see_this_package_and_this_file() -> anyhow::Result<()> {
    let folder = "crates/testing/tidy";
    assert!(load::packages()?.iter().any(|package| package.name == "tidy" && package.folder == folder));
    assert!(load::files()?.iter().any(|file| file.path == format!("{folder}/tests/workspace/main.rs")));
    Ok(())
}
