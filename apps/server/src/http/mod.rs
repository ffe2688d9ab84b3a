//! The server's HTTP side: middleware, extractors, handlers, and the one mapping from errors to problems.

pub mod access;
pub mod aliases;
pub mod api;
mod attempt;
pub mod extract;
pub mod health;
mod home;
pub mod idempotency;
pub mod limits;
pub mod metrics;
pub mod middleware;
pub mod openapi;
pub mod problem;
pub mod readiness;
mod routes;
pub mod webhooks;

use actix_web::{
    dev::HttpServiceFactory,
    middleware::from_fn,
    web::{Data, ServiceConfig, scope},
};

use crate::services::Services;

/// Registers every path, and what its handlers may call.
pub fn configure(services: &Services) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let services = Data::new(services.clone());
    move |config| {
        config.app_data(services);
        routes::register(config);
    }
}

/// Returns all of it as one service, with what belongs around every request.
pub fn service(services: &Services) -> impl HttpServiceFactory + use<> {
    let operations = services.operations.clone();
    let around = move |request, next| middleware::around(operations.clone(), request, next);
    scope("").configure(configure(services)).wrap(from_fn(around))
}
