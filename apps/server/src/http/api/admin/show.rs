//! `GET /api/v1/admin/auth`

use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{api::wire::Problems, extract::PlatformCaller, problem::Problem};

/// How the operator was let in.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatorBody {
    /// `operator:key`, `operator:session` or `operator:token:…`, as the audit log names the operator.
    actor: String,
}

/// Shows as whom the operator is let in.
///
/// # Errors
/// When the caller is not the operator.
#[utoipa::path(
    get,
    path = "/api/v1/admin/auth",
    tag = "access",
    responses((status = 200, description = "The operator", body = OperatorBody), Problems)
)]
pub async fn show_admin(caller: PlatformCaller) -> Result<Json<OperatorBody>, Problem> {
    let PlatformCaller(platform) = caller;
    Ok(Json(OperatorBody { actor: platform.actor().to_string() }))
}
