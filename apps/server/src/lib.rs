//! The server: it reads its configuration, composes the domain with its adapters, and serves them over HTTP.

pub mod compose;
pub mod config;
pub mod demo;
pub mod http;
pub mod local_keys;
pub mod logged_model;
pub mod serve;
pub mod services;
pub mod system;
pub mod telemetry;
pub mod worker;
