//! `GET /api/v1/tenants`

use actix_web::web::{Data, Json};

use super::TenantBody;
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::{Admitted, PageQuery, PlatformCaller},
        problem::Problem,
    },
    services::Services,
};

/// Lists tenants, oldest first, deleted ones too.
///
/// # Errors
/// When the page is none, the caller is not the operator, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants",
    tag = "tenants",
    params(PageQuery),
    responses((status = 200, description = "A page of tenants", body = ListBody<TenantBody>), Problems)
)]
pub async fn list_tenants(
    services: Data<Services>,
    asked: Admitted<PlatformCaller, PageQuery>,
) -> Result<Json<ListBody<TenantBody>>, Problem> {
    let Admitted(PlatformCaller(platform), PageQuery(page)) = asked;
    let tenants = services.tenants.list(&platform, &page).await?;
    Ok(Json(ListBody::of_page(tenants, TenantBody::from)))
}
