//! `POST /api/v1/admin/logout`

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::cookie;
use crate::{
    http::{
        api::wire::Problems,
        extract::{ADMIN_COOKIE, PlatformCaller},
        problem::Problem,
    },
    services::Services,
};

/// Signs the operator out and takes the cookie back.
///
/// # Errors
/// When the caller is not the operator, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/admin/logout",
    tag = "access",
    responses((status = 204, description = "The operator is signed out"), Problems)
)]
pub async fn sign_out_as_admin(
    services: Data<Services>,
    request: HttpRequest,
    caller: PlatformCaller,
) -> Result<HttpResponse, Problem> {
    let PlatformCaller(platform) = caller;
    if let Some(session) = request.cookie(ADMIN_COOKIE) {
        services.admin.sign_out(&platform, session.value()).await?;
    }
    let mut gone = cookie(&services, "");
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}
