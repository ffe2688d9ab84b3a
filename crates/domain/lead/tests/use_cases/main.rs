//! The use cases on the fake store, with a clock that stands still.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, as the tests do"
)]

mod capture;
mod desk;
mod export;
mod facts;
mod manage;
mod merging;
mod properties;
