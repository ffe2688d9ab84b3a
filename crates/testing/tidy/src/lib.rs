//! The rules of `docs/architecture.md` that a machine can check, as functions over a small picture of the workspace.
//!
//! Each rule returns its [`Breach`]es, and its own tests prove on made-up input that it can fail. The tests in
//! `tests/workspace` take the picture of this repository and ask every rule.

pub mod adapter_names;
pub mod externals;
pub mod files;
pub mod ignored;
pub mod layers;
pub mod leftovers;
pub mod manifests;
pub mod migrations;
pub mod modules;
pub mod named_paths;
pub mod named_tests;
pub mod rust_code;
pub mod testing_feature;

mod breach;
mod package;

pub use breach::{Breach, report};
pub use files::SourceFile;
pub use package::{Dependency, Kind, Layer, Package};
