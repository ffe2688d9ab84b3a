//! `POST /api/v1/auth/logout`

use actix_web::{HttpResponse, web::Data};

use crate::{
    http::{api::wire::Problems, extract::LeavingMember, problem::Problem},
    services::Services,
};

/// Signs the member out: no token of this sign-in works any more.
///
/// # Errors
/// When the caller is no member, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/auth/logout",
    tag = "access",
    responses((status = 204, description = "The member is signed out"), Problems)
)]
pub async fn log_out(services: Data<Services>, caller: LeavingMember) -> Result<HttpResponse, Problem> {
    let LeavingMember(scope) = caller;
    services.sign_in.sign_out(&scope).await?;
    Ok(HttpResponse::NoContent().finish())
}
