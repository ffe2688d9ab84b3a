//! A tenant's tokens for the chat on its web pages.

pub mod create;
pub mod list;
pub mod revoke;
