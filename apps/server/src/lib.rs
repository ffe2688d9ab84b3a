//! The server: it reads its configuration, composes the domain with its adapters, and serves them over HTTP.

pub mod bridges;
pub mod compose;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod event_feed;
pub mod failpoints;
pub mod health_command;
pub mod http;
pub mod installation;
pub mod keys_command;
pub mod limits;
pub mod local_keys;
pub mod logged_model;
pub mod metrics;
mod model_servers;
pub mod operations;
pub mod reactions;
pub mod readiness;
pub mod serve;
pub mod services;
pub mod system;
pub mod telemetry;
pub mod try_prompts;
pub mod worker;
