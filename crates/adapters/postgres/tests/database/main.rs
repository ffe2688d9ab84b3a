//! What this database does in its own way: row-level security, claims, the round trip of a message, wake-ups, trouble.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what makes its stores"
)]

mod claims;
mod event_order;
mod hung_server;
mod policies;
mod privileges;
mod prompts;
mod round_trip;
mod row_level_security;
mod seeded;
mod sends;
mod silent_server;
#[path = "../support/mod.rs"]
mod support;
#[path = "../tenants/mod.rs"]
mod tenants;
mod together;
#[path = "../prompts/mod.rs"]
mod two_prompts;
mod wake_ups;
