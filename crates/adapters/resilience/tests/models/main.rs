//! Retries, the breaker and the chain around models that do as they are told.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail by panicking")]

mod breaking;
mod chain;
mod retrying;
mod scripted;
