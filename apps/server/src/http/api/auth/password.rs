//! `PUT /api/v1/auth/password`

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use tenancy::SecretText;
use utoipa::ToSchema;

use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, MemberCaller},
        problem::Problem,
    },
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
/// # Errors
/// When the present password is wrong, the new one is not usable, or the store fails.
#[utoipa::path(
    put,
    path = "/api/v1/auth/password",
    tag = "access",
    request_body = ChangePassword,
    responses((status = 204, description = "The password is another; sign in again"), Problems),
    security(("member" = []))
)]
pub async fn change_own_password(
    services: Data<Services>,
    asked: Admitted<MemberCaller, ApiJson<ChangePassword>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(MemberCaller(scope), ApiJson(input)) = asked;
    let (present, new) = (SecretText::new(input.current_password), SecretText::new(input.new_password));
    services.members.change_own_password(&scope, &present, &new).await?;
    Ok(HttpResponse::NoContent().finish())
}
