//! `GET /Accounts/{sid}.json`: shows the account, which costs nothing and tells whether credentials are right.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::json;

use super::api_error::ApiError;
use crate::{FakeCarrier, message::API_VERSION};

pub(crate) async fn handle(
    carrier: Data<FakeCarrier>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    carrier.authenticate(&request)?;
    let sid = carrier.account_sid();
    Ok(HttpResponse::Ok().json(json!({
        "sid": sid,
        "friendly_name": "Fake carrier",
        "status": "active",
        "type": "Full",
        "owner_account_sid": sid,
        "uri": format!("/{API_VERSION}/Accounts/{sid}.json"),
    })))
}
