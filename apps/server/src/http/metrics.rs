//! `GET /metrics`: what the server has counted and timed, for the operator's Prometheus.

use actix_web::{HttpResponse, web::Data};

use super::{api::wire::Problems, extract::PlatformCaller};
use crate::{metrics::MetricsPage, services::Services};

/// Shows what the server has counted and timed, in Prometheus' text format; docs/operations-metrics.md explains it.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain"), Problems)
)]
pub async fn metrics(services: Data<Services>, _operator: PlatformCaller) -> HttpResponse {
    show(&services.operations.metrics).await
}

/// Shows the page to whoever reaches the address that is kept for it.
pub async fn open_metrics(page: Data<MetricsPage>) -> HttpResponse {
    show(&page).await
}

async fn show(page: &MetricsPage) -> HttpResponse {
    HttpResponse::Ok().content_type(MetricsPage::CONTENT_TYPE).body(page.render().await)
}
