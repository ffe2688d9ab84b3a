//! `GET /api/v1/leads/{lead_id}`

use actix_web::web::{Data, Json};
use kernel::LeadId;

use super::LeadDetailBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// Shows a lead with all that is known of it. One that was merged into another says into which.
///
/// # Errors
/// When there is no such lead for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/leads/{lead_id}",
    tag = "leads",
    params(("lead_id" = Uuid, Path, description = "The lead")),
    responses((status = 200, description = "The lead", body = LeadDetailBody), Problems)
)]
pub async fn get_lead(
    services: Data<Services>,
    asked: Admitted<TenantCaller, PathId<LeadId>>,
) -> Result<Json<LeadDetailBody>, Problem> {
    let Admitted(TenantCaller(scope), PathId(id)) = asked;
    Ok(Json(services.leads.get(&scope, id).await?.into()))
}
