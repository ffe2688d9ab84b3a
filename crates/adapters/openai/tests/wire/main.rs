//! The adapter against a server that speaks as OpenAI does, well and badly.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod answers;
mod failures;
mod fixture;
mod questions;
mod rounds;
mod time;
