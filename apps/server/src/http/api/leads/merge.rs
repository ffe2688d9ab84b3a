//! `POST /api/v1/leads/{lead_id}/merge`

use actix_web::web::{Data, Json};
use kernel::LeadId;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::LeadDetailBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// The other one of two leads.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherLead {
    /// Its id.
    pub(super) lead_id: Uuid,
}

/// Makes another lead part of this one. It can be taken back.
///
/// # Errors
/// When they are one, either is part of a third, there is no such lead for the caller, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/leads/{lead_id}/merge",
    tag = "leads",
    params(("lead_id" = Uuid, Path, description = "The lead that remains")),
    request_body = OtherLead,
    responses((status = 200, description = "The lead that remains", body = LeadDetailBody), Problems)
)]
pub async fn merge_leads(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (PathId<LeadId>, ApiJson<OtherLead>)>,
) -> Result<Json<LeadDetailBody>, Problem> {
    let Admitted(TenantCaller(scope), (PathId(id), ApiJson(other))) = asked;
    Ok(Json(services.leads.merge(&scope, id, LeadId::new(other.lead_id)).await?.into()))
}
