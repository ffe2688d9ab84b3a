//! `PUT /api/v1/auth/password`

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Deserialize;
use tenancy::{AccessError, Actor, SecretText};
use utoipa::ToSchema;

use crate::{
    http::{
        api::wire::Problems,
        attempt::attempt,
        extract::{Admitted, ApiJson, MemberCaller},
        problem::Problem,
    },
    limits::SignInName,
    services::Services,
};

/// A password to be exchanged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password as it is.
    current_password: String,
    /// The password to be: 12 to 256 characters.
    new_password: String,
}

/// Gives the member who asks another password, and signs the member out everywhere.
///
/// Who has said a wrong present password too often waits.
///
/// # Errors
/// When the present password is wrong or was too often, the new one is not usable, or the store fails.
#[utoipa::path(
    put,
    path = "/api/v1/auth/password",
    tag = "access",
    request_body = ChangePassword,
    responses((status = 204, description = "The password is another; sign in again"), Problems)
)]
pub async fn change_own_password(
    services: Data<Services>,
    request: HttpRequest,
    asked: Admitted<MemberCaller, ApiJson<ChangePassword>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(MemberCaller(scope), ApiJson(input)) = asked;
    let (present, new) = (SecretText::new(input.current_password), SecretText::new(input.new_password));
    let Actor::Member { id, .. } = scope.actor() else {
        return Err(AccessError::Unauthorized.into());
    };
    let changing = services.members.change_own_password(&scope, &present, &new);
    attempt(&services, &request, SignInName::member(*id), changing, |()| true).await?;
    Ok(HttpResponse::NoContent().finish())
}
