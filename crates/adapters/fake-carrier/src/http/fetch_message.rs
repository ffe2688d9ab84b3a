//! `GET /Messages/{sid}.json`: shows one message.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

use super::api_error::ApiError;
use crate::FakeCarrier;

pub(crate) async fn handle(
    carrier: Data<FakeCarrier>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    carrier.authenticate(&request)?;
    let (account_sid, message_sid) = path.into_inner();
    let traffic = carrier.traffic();
    let message = traffic.messages().iter().find(|message| message.sid == message_sid);
    let message = message.ok_or(ApiError::NotFound)?;
    Ok(HttpResponse::Ok().json(message.resource(&account_sid)))
}
