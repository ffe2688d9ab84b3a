//! `POST /api/v1/auth/login`

use actix_web::{
    HttpRequest,
    web::{Data, Json},
};
use kernel::TenantId;
use serde::Deserialize;
use tenancy::SecretText;
use utoipa::ToSchema;
use uuid::Uuid;

use super::TokensBody;
use crate::{
    http::{api::wire::Problems, attempt::attempt, extract::ApiJson, problem::Problem},
    limits::SignInName,
    services::Services,
};

/// With what a member signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The e-mail address.
    email: String,
    /// The password.
    password: String,
    /// The business, for those who are members of several with the same address and password.
    tenant_id: Option<Uuid>,
}

/// Signs a member in.
///
/// An unknown address, a wrong password and a disabled member are told alike. Who has failed too often waits.
///
/// # Errors
/// When the address or the password is wrong, the business must be named, or a store fails.
#[utoipa::path(
    post,
    path = "/api/v1/auth/login",
    tag = "access",
    request_body = Login,
    responses((status = 200, description = "The member is signed in", body = TokensBody), Problems)
)]
pub async fn log_in(
    services: Data<Services>,
    request: HttpRequest,
    input: ApiJson<Login>,
) -> Result<Json<TokensBody>, Problem> {
    let ApiJson(Login { email, password, tenant_id }) = input;
    let tenant = tenant_id.map(TenantId::new);
    let (name, password) = (SignInName::address(&email, tenant), SecretText::new(password));
    let signing_in = services.sign_in.sign_in(&email, &password, tenant);
    let signed_in = attempt(&services, &request, name, signing_in, |one| !one.others_tried).await?;
    Ok(Json(signed_in.into()))
}
