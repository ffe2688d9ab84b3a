//! `POST /api/v1/leads/{lead_id}/unmerge`

use actix_web::web::{Data, Json};
use kernel::LeadId;

use super::{UnmergedBody, merge::OtherLead};
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// Takes a merge back: the other lead is there again as it was, and this one keeps what it has learnt since.
///
/// # Errors
/// When the other is not part of this one, this one is itself part of another, there is no such lead for the caller, or
/// the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/leads/{lead_id}/unmerge",
    tag = "leads",
    params(("lead_id" = Uuid, Path, description = "The lead that remained")),
    request_body = OtherLead,
    responses((status = 200, description = "Both leads as they are now", body = UnmergedBody), Problems)
)]
pub async fn unmerge_leads(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (PathId<LeadId>, ApiJson<OtherLead>)>,
) -> Result<Json<UnmergedBody>, Problem> {
    let Admitted(TenantCaller(scope), (PathId(id), ApiJson(other))) = asked;
    let (lead, unmerged) = services.leads.un_merge(&scope, id, LeadId::new(other.lead_id)).await?;
    Ok(Json(UnmergedBody { lead: lead.into(), unmerged: unmerged.into() }))
}
