//! `POST /api/v1/leads/{lead_id}/notes`

use actix_web::{HttpResponse, web::Data};
use kernel::LeadId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::LeadDetailBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// A note to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddNote {
    /// What it says, in at most 4,000 characters.
    text: String,
}

/// Writes a note about a lead, in the name of whoever calls.
///
/// # Errors
/// When the text is not usable, the lead has too many notes, there is none for the caller, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/leads/{lead_id}/notes",
    tag = "leads",
    params(("lead_id" = Uuid, Path, description = "The lead")),
    request_body = AddNote,
    responses((status = 201, description = "The lead with the note", body = LeadDetailBody), Problems)
)]
pub async fn add_lead_note(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (PathId<LeadId>, ApiJson<AddNote>)>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantCaller(scope), (PathId(id), ApiJson(input))) = asked;
    let lead = services.leads.note(&scope, id, &input.text).await?;
    Ok(HttpResponse::Created().json(LeadDetailBody::from(lead)))
}
