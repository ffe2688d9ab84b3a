//! `PUT /api/v1/tenants/{tenant_id}/members/{member_id}/password`

use actix_web::{HttpResponse, web::Data};
use kernel::MemberId;
use serde::Deserialize;
use tenancy::SecretText;
use utoipa::ToSchema;

use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// A password for somebody who has lost theirs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPassword {
    /// The password to be: 12 to 256 characters.
    password: String,
}

/// Gives a member another password, and signs the member out everywhere.
///
/// # Errors
/// When the password is not usable, there is no such member, the caller may not, or the store fails.
#[utoipa::path(
    put,
    path = "/api/v1/tenants/{tenant_id}/members/{member_id}/password",
    tag = "members",
    params(
        ("tenant_id" = Uuid, Path, description = "The tenant"),
        ("member_id" = Uuid, Path, description = "The member")
    ),
    request_body = SetPassword,
    responses((status = 204, description = "The password is another"), Problems)
)]
pub async fn set_member_password(
    services: Data<Services>,
    asked: Admitted<TenantPath, (PathId<MemberId>, ApiJson<SetPassword>)>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), (PathId(id), ApiJson(input))) = asked;
    services.members.set_password(&scope, id, &SecretText::new(input.password)).await?;
    Ok(HttpResponse::NoContent().finish())
}
