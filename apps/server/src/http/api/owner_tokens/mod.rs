//! A tenant's owner tokens, which may look and change nothing.

pub mod create;
pub mod list;
pub mod revoke;
