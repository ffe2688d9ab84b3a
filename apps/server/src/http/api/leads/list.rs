//! `GET /api/v1/leads`

use actix_web::web::{Data, Json};

use super::{LeadBody, LeadQuery};
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::{Admitted, ApiQuery, PageQuery, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// Lists leads, newest first. Those that were merged into others or deleted are not among them.
///
/// # Errors
/// When a condition or the page is none, nobody is let in, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/leads",
    tag = "leads",
    params(LeadQuery, PageQuery),
    responses((status = 200, description = "A page of leads", body = ListBody<LeadBody>), Problems)
)]
pub async fn list_leads(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (ApiQuery<LeadQuery>, PageQuery)>,
) -> Result<Json<ListBody<LeadBody>>, Problem> {
    let Admitted(TenantCaller(scope), (ApiQuery(query), PageQuery(page))) = asked;
    let leads = services.leads.list(&scope, &query.try_into()?, &page).await?;
    Ok(Json(ListBody::of_page(leads, |lead| LeadBody::from(&lead))))
}
