//! `PATCH /api/v1/tenants/{tenant_id}/members/{member_id}`

use actix_web::web::{Data, Json};
use kernel::MemberId;
use serde::Deserialize;
use tenancy::{MemberPatch, MemberStatus, Role};
use utoipa::ToSchema;

use super::MemberBody;
use crate::{
    http::{
        api::wire::{Problems, one_of},
        extract::{Admitted, ApiJson, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// What of a member is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMember {
    /// What the member is called.
    name: Option<String>,
    /// `owner`, `admin`, `staff` or `viewer`.
    role: Option<String>,
    /// `active` or `disabled`.
    status: Option<String>,
}

impl TryFrom<ChangeMember> for MemberPatch {
    type Error = Problem;

    fn try_from(input: ChangeMember) -> Result<Self, Problem> {
        let role = input.role.map(|name| one_of("role", &name, &Role::ALL, Role::as_str));
        let status =
            input.status.map(|name| one_of("status", &name, &MemberStatus::ALL, MemberStatus::as_str));
        match (role.transpose(), status.transpose()) {
            (Ok(role), Ok(status)) => Ok(Self { name: input.name, role, status }),
            (role, status) => Err(Problem::invalid(role.err().into_iter().chain(status.err()).collect())),
        }
    }
}

/// Changes a member's name, role or status. A disabled member is signed out everywhere at once; the last active owner
/// stays one.
///
/// # Errors
/// When a field is not usable, there is no such member, the caller may not, or the store fails.
#[utoipa::path(
    patch,
    path = "/api/v1/tenants/{tenant_id}/members/{member_id}",
    tag = "members",
    params(
        ("tenant_id" = Uuid, Path, description = "The tenant"),
        ("member_id" = Uuid, Path, description = "The member")
    ),
    request_body = ChangeMember,
    responses((status = 200, description = "The member as it is now", body = MemberBody), Problems)
)]
pub async fn change_member(
    services: Data<Services>,
    asked: Admitted<TenantPath, (PathId<MemberId>, ApiJson<ChangeMember>)>,
) -> Result<Json<MemberBody>, Problem> {
    let Admitted(TenantPath(scope), (PathId(id), ApiJson(input))) = asked;
    Ok(Json(services.members.change(&scope, id, &input.try_into()?).await?.into()))
}
