//! `PUT` and `DELETE /api/v1/leads/{lead_id}/tags/{tag}`, each safe to repeat.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    web::{Data, Json, Path},
};
use kernel::LeadId;
use lead::Tag;
use serde::Deserialize;

use super::LeadDetailBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// The tag in a request's path.
#[derive(Debug)]
pub struct PathTag(Tag);

#[derive(Deserialize)]
struct InPath {
    tag: String,
}

impl FromRequest for PathTag {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = Path::<InPath>::from_request(request, payload).into_inner();
        let read = read.map_err(|error| Problem::invalid_field("tag", error.to_string()));
        ready(read.and_then(|path| Ok(Self(Tag::parse(&path.tag)?))))
    }
}

type Asked = Admitted<TenantCaller, (PathId<LeadId>, PathTag)>;

/// Puts a tag on a lead.
///
/// # Errors
/// When it is no tag, the lead has too many, there is none for the caller, or the store fails.
#[utoipa::path(
    put,
    path = "/api/v1/leads/{lead_id}/tags/{tag}",
    tag = "leads",
    params(
        ("lead_id" = Uuid, Path, description = "The lead"),
        ("tag" = String, Path, min_length = 1, max_length = 40, description = "The tag, in at most 40 characters; capitals make no difference")
    ),
    responses((status = 200, description = "The lead as it is now", body = LeadDetailBody), Problems)
)]
pub async fn tag_lead(services: Data<Services>, asked: Asked) -> Result<Json<LeadDetailBody>, Problem> {
    let Admitted(TenantCaller(scope), (PathId(id), PathTag(tag))) = asked;
    Ok(Json(services.leads.tag(&scope, id, &tag).await?.into()))
}

/// Takes a tag off a lead.
///
/// # Errors
/// When it is no tag, there is no such lead for the caller, or the store fails.
#[utoipa::path(
    delete,
    path = "/api/v1/leads/{lead_id}/tags/{tag}",
    tag = "leads",
    params(
        ("lead_id" = Uuid, Path, description = "The lead"),
        ("tag" = String, Path, min_length = 1, max_length = 40, description = "The tag; capitals make no difference")
    ),
    responses((status = 200, description = "The lead as it is now", body = LeadDetailBody), Problems)
)]
pub async fn untag_lead(services: Data<Services>, asked: Asked) -> Result<Json<LeadDetailBody>, Problem> {
    let Admitted(TenantCaller(scope), (PathId(id), PathTag(tag))) = asked;
    Ok(Json(services.leads.untag(&scope, id, &tag).await?.into()))
}
