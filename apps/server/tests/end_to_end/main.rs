//! The whole program as a customer and an operator meet it: a real process, a real database file, signed webhooks.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, also in the helpers that tests share"
)]

mod access;
mod consent;
mod crash;
mod databases;
mod demo;
mod deploy;
mod doctor;
mod duplicates;
mod events;
mod fragments;
mod installation;
mod keys;
mod migrate;
#[path = "../migrated/mod.rs"]
mod migrated;
mod models;
mod one_person;
mod operations;
mod pages;
mod people;
mod postgres_dies;
mod privacy;
mod processes;
mod production;
mod prompts;
mod publishing;
mod redis_dies;
mod rig;
mod shares;
mod signatures;
mod summaries;
mod traces;
mod usage;
mod wake_ups;
mod web_chat;
mod worker_alone;
