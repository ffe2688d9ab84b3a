//! The operator signs in on a page: a cookie for a day.

pub mod show;
pub mod sign_in;
pub mod sign_out;

use actix_web::cookie::{Cookie, SameSite};

use crate::{http::extract::ADMIN_COOKIE, services::Services};

/// Makes the cookie. Scripts do not see it, other sites' pages do not send it, and where the server is reached through
/// TLS it goes nowhere else.
fn cookie(services: &Services, value: &str) -> Cookie<'static> {
    Cookie::build(ADMIN_COOKIE, value.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(services.public_base_url.is_https())
        .finish()
}
