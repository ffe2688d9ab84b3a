//! How people, programs, visitors and the operator are let in, and what is kept of what they do.

mod admin;
mod audit;
mod credentials;
mod flags;
mod guessing;
mod members;
mod platform_audit;
mod sessions;
mod tokens;
mod visitors;
