//! The server: it reads its configuration, composes the domain with its adapters, and serves them over HTTP.

pub mod config;
pub mod http;
pub mod services;
