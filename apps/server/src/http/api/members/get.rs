//! `GET /api/v1/tenants/{tenant_id}/members/{member_id}`

use actix_web::web::{Data, Json};
use kernel::MemberId;

use super::MemberBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Shows a member.
///
/// # Errors
/// When there is no such member for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/members/{member_id}",
    tag = "members",
    params(
        ("tenant_id" = Uuid, Path, description = "The tenant"),
        ("member_id" = Uuid, Path, description = "The member")
    ),
    responses((status = 200, description = "The member", body = MemberBody), Problems)
)]
pub async fn get_member(
    services: Data<Services>,
    asked: Admitted<TenantPath, PathId<MemberId>>,
) -> Result<Json<MemberBody>, Problem> {
    let Admitted(TenantPath(scope), PathId(id)) = asked;
    Ok(Json(services.members.get(&scope, id).await?.into()))
}
