//! One line for each request, without anything personal: the route's pattern stands for the path, which may hold
//! ids and, in its query, phone numbers.

use std::time::Instant;

use actix_web::http::StatusCode;
use kernel::TenantId;

use super::RequestId;

/// What is known of a request before it is served.
pub(super) struct Entry {
    pub(super) request_id: RequestId,
    pub(super) method: String,
    pub(super) started: Instant,
}

/// The tenant that a request turned out to act for; extractors leave it with the request.
#[derive(Clone, Copy, Debug)]
pub struct ActingTenant(pub TenantId);

impl Entry {
    /// Writes the line.
    pub(super) fn write(&self, route: Option<&str>, status: StatusCode, tenant: Option<ActingTenant>) {
        let duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let tenant = tenant.map(|tenant| tracing::field::display(tenant.0));
        tracing::info!(
            http.method = self.method,
            http.route = route.unwrap_or("unmatched"),
            http.status = status.as_u16(),
            duration_ms,
            request.id = self.request_id.as_str(),
            tenant.id = tenant,
            "request served"
        );
    }
}
