//! The HTTP side, called in process on a database of its own for each test. Folders mirror routes.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, and says where"
)]

mod access;
mod access_log;
mod aliases;
mod api;
mod bad_inputs;
mod bodies;
mod description;
mod envelope;
mod injection;
mod isolation;
mod limits;
#[path = "../migrated/mod.rs"]
mod migrated;
mod operations;
mod permissions;
mod support;
mod webhooks;
