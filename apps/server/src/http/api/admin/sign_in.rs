//! `POST /api/v1/admin/auth`

use actix_web::{HttpRequest, HttpResponse, cookie::time::Duration, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tenancy::AdminSignIn;
use utoipa::ToSchema;

use super::cookie;
use crate::{
    http::{api::wire::Problems, attempt::attempt, extract::ApiJson, problem::Problem},
    limits::SignInName,
    services::Services,
};

/// With what the operator signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdminLoginInput {
    /// `ADMIN_USERNAME`; `admin` when left out.
    #[serde(default = "usual_name")]
    username: String,
    /// `ADMIN_PASSWORD`.
    password: String,
}

fn usual_name() -> String {
    "admin".to_owned()
}

/// What the operator gets who has signed in; the session itself is in the cookie.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdminSessionBody {
    /// Always true.
    success: bool,
    /// What happened, for people.
    message: &'static str,
    /// When the session ends by itself.
    expires_at: DateTime<Utc>,
}

/// Signs the operator in and sets a cookie for a day. Who has failed too often waits.
///
/// # Errors
/// When the name or the password is wrong, none is configured, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/admin/auth",
    tag = "access",
    request_body = AdminLoginInput,
    responses((status = 200, description = "The operator is signed in", body = AdminSessionBody), Problems)
)]
pub async fn sign_in_as_admin(
    services: Data<Services>,
    request: HttpRequest,
    input: ApiJson<AdminLoginInput>,
) -> Result<HttpResponse, Problem> {
    let ApiJson(AdminLoginInput { username, password }) = input;
    let (name, signing_in) = (SignInName::operator(&username), services.admin.sign_in(&username, &password));
    let session = attempt(&services, &request, name, signing_in, |_| true).await?;
    let mut cookie = cookie(&services, session.secret.expose());
    cookie.set_max_age(Duration::seconds(AdminSignIn::SESSION.num_seconds()));
    let body = AdminSessionBody { success: true, message: "signed in", expires_at: session.expires_at };
    Ok(HttpResponse::Ok().cookie(cookie).json(body))
}
