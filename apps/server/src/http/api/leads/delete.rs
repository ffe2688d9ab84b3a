//! `DELETE /api/v1/leads/{lead_id}`

use actix_web::{HttpResponse, web::Data};
use kernel::LeadId;

use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// Removes all that is known of a lead and of those that were merged into it.
///
/// # Errors
/// When it is part of another one, there is no such lead for the caller, or the store fails.
#[utoipa::path(
    delete,
    path = "/api/v1/leads/{lead_id}",
    tag = "leads",
    params(("lead_id" = Uuid, Path, description = "The lead")),
    responses((status = 204, description = "Nothing is known of it any more"), Problems)
)]
pub async fn delete_lead(
    services: Data<Services>,
    asked: Admitted<TenantCaller, PathId<LeadId>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantCaller(scope), PathId(id)) = asked;
    services.leads.delete(&scope, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
