//! First who asks, then what: nothing of a request is read for a caller that is not let in.

use actix_web::{Error, FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;

/// A caller, and what only an admitted caller gets read.
///
/// The framework's own tuples are extracted side by side, so a malformed body could answer before a bad credential
/// does; here the second part waits for the first.
#[derive(Debug)]
pub struct Admitted<Who, What>(pub Who, pub What);

impl<Who, What> FromRequest for Admitted<Who, What>
where
    Who: FromRequest + 'static,
    What: FromRequest + 'static,
{
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let who = Who::from_request(&request, &mut Payload::None).await.map_err(Into::into)?;
            let what = What::from_request(&request, &mut payload).await.map_err(Into::into)?;
            Ok(Self(who, what))
        })
    }
}
