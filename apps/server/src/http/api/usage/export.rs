//! `GET /api/v1/tenants/{tenant_id}/usage/export`

use actix_web::{HttpResponse, http::header::CONTENT_DISPOSITION, web::Data};
use usage::usage_table;

use super::UsageQuery;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiQuery, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Gives out what a tenant has used on some days as comma-separated values.
///
/// # Errors
/// When a day is none, the days are too many, the caller may not, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/usage/export",
    tag = "usage",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), UsageQuery),
    responses(
        (status = 200, description = "A line for each day and model, behind one that names the columns", body = String,
         content_type = "text/csv"),
        Problems
    )
)]
pub async fn export_usage(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiQuery<UsageQuery>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), ApiQuery(query)) = asked;
    let (from, to) = query.days()?;
    let report = services.usage.read.report(&scope, from, to).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"usage.csv\""))
        .body(usage_table(&report)))
}
