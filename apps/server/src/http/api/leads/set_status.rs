//! `PUT /api/v1/leads/{lead_id}/status`

use actix_web::web::{Data, Json};
use kernel::LeadId;
use lead::{HeardBy, LeadEdit};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{LeadDetailBody, status};
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// A lead's status to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLeadStatus {
    /// One of those that the lead shows as `next_statuses`.
    status: String,
}

/// Gives a lead another status.
///
/// # Errors
/// When the status cannot follow the present one, there is no such lead for the caller, or the store fails.
#[utoipa::path(
    put,
    path = "/api/v1/leads/{lead_id}/status",
    tag = "leads",
    params(("lead_id" = Uuid, Path, description = "The lead")),
    request_body = SetLeadStatus,
    responses((status = 200, description = "The lead as it is now", body = LeadDetailBody), Problems)
)]
pub async fn set_lead_status(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (PathId<LeadId>, ApiJson<SetLeadStatus>)>,
) -> Result<Json<LeadDetailBody>, Problem> {
    let Admitted(TenantCaller(scope), (PathId(id), ApiJson(input))) = asked;
    let edit = LeadEdit { status: Some(status(&input.status)?), ..LeadEdit::default() };
    Ok(Json(services.leads.edit(&scope, id, &edit, &HeardBy::default()).await?.into()))
}
