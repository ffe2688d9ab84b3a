//! The fake carrier, seen from outside: its interface, its memory, its customers and its reports.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail by panicking")]

mod callbacks;
mod customers;
mod faults;
mod fixture;
mod listing;
mod memory;
mod sending;
