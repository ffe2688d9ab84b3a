//! `POST /api/v1/tenants/{tenant_id}/members`

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use tenancy::{NewMember, Role, SecretText};
use utoipa::ToSchema;

use super::MemberBody;
use crate::{
    http::{
        api::wire::{Problems, created, one_of},
        extract::{Admitted, ApiJson, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// A member to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    /// The address to sign in with.
    email: String,
    /// What the member is called.
    name: String,
    /// `owner`, `admin`, `staff` or `viewer`.
    role: String,
    /// The password to begin with: 12 to 256 characters.
    password: String,
}

/// Adds a member, who can sign in at once. Only an owner or the operator adds an owner.
///
/// # Errors
/// When a field is not usable, the tenant has a member with this address, the caller may not, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/members",
    tag = "members",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = AddMember,
    responses((status = 201, description = "The member", body = MemberBody), Problems)
)]
pub async fn add_member(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiJson<AddMember>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), ApiJson(input)) = asked;
    let role = one_of("role", &input.role, &Role::ALL, Role::as_str)?;
    let password = SecretText::new(input.password);
    let new = NewMember { email: input.email, name: input.name, role, password };
    let member = services.members.add(&scope, new).await?;
    let location = format!("/api/v1/tenants/{}/members/{}", scope.tenant_id(), member.id);
    Ok(created(&location, MemberBody::from(member)))
}
