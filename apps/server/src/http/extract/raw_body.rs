//! A body exactly as it came, for webhooks: their signatures are over bytes.

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Bytes};
use futures_util::future::LocalBoxFuture;

use super::body;
use crate::http::problem::Problem;

/// The most bytes that a webhook's body may have.
pub const WEBHOOK_LIMIT: usize = 64 * 1_024;

/// A body exactly as it came.
#[derive(Debug)]
pub struct RawBody(pub Bytes);

impl FromRequest for RawBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { body::read(&request, payload, WEBHOOK_LIMIT).await.map(Self) })
    }
}
