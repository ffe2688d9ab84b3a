//! The server's HTTP side: middleware, extractors, handlers, and the one mapping from errors to problems.

pub mod api;
pub mod extract;
pub mod middleware;
pub mod problem;
