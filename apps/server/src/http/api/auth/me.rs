//! `GET /api/v1/auth/me`

use actix_web::web::{Data, Json};
use serde::Serialize;
use tenancy::{AccessError, Actor, Permission};
use utoipa::ToSchema;

use crate::{
    http::{
        api::{members::MemberBody, wire::Problems},
        extract::MemberCaller,
        problem::Problem,
    },
    services::Services,
};

/// The member who asks, and what the member may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeBody {
    /// The member.
    member: MemberBody,
    /// What the member may do.
    permissions: Vec<&'static str>,
}

/// Shows the member who asks.
///
/// # Errors
/// When the caller is no member, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/auth/me",
    tag = "access",
    responses((status = 200, description = "The member", body = MeBody), Problems)
)]
pub async fn show_me(services: Data<Services>, caller: MemberCaller) -> Result<Json<MeBody>, Problem> {
    let MemberCaller(scope) = caller;
    let Actor::Member { id, .. } = scope.actor() else {
        return Err(AccessError::Unauthorized.into());
    };
    let member = services.members.get(&scope, *id).await?;
    let permissions = scope.actor().permissions().iter().map(Permission::as_str).collect();
    Ok(Json(MeBody { member: member.into(), permissions }))
}
