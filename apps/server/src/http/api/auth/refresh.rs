//! `POST /api/v1/auth/refresh`

use actix_web::web::{Data, Json};
use serde::Deserialize;
use utoipa::ToSchema;

use super::TokensBody;
use crate::{
    http::{api::wire::Problems, extract::ApiJson, problem::Problem},
    services::Services,
};

/// A refresh token to be exchanged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token that came last.
    refresh_token: String,
}

/// Exchanges a refresh token for the next two tokens. One that comes a second time signs the member out, on whichever
/// device it was: somebody has copied it.
///
/// # Errors
/// When the token is not the last one, the session has ended, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/auth/refresh",
    tag = "access",
    request_body = Refresh,
    responses((status = 200, description = "The next two tokens", body = TokensBody), Problems)
)]
pub async fn refresh(services: Data<Services>, input: ApiJson<Refresh>) -> Result<Json<TokensBody>, Problem> {
    let ApiJson(Refresh { refresh_token }) = input;
    Ok(Json(services.sign_in.refresh(&refresh_token).await?.into()))
}
