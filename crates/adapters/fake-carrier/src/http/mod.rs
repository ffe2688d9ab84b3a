//! The carrier's HTTP interface, in Twilio's shapes.

mod api_error;
mod create_message;
mod fetch_account;
mod fetch_message;
mod list_messages;

use actix_web::{
    HttpRequest,
    http::header::AUTHORIZATION,
    web::{self, Data, ServiceConfig},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use subtle::ConstantTimeEq as _;

use crate::FakeCarrier;
use api_error::ApiError;

impl FakeCarrier {
    /// Mounts the carrier under `/2010-04-01/Accounts/{sid}`, and the account itself beside it.
    pub fn configure(&self, config: &mut ServiceConfig) {
        let messages = web::resource("/Messages.json")
            .route(web::post().to(create_message::handle))
            .route(web::get().to(list_messages::handle));
        let message = web::resource("/Messages/{message}.json").route(web::get().to(fetch_message::handle));
        let scope = web::scope("/2010-04-01/Accounts/{account}")
            .app_data(Data::new(self.clone()))
            .service(messages)
            .service(message)
            .default_service(web::to(|| async { Err::<&str, _>(ApiError::NotFound) }));
        let account = web::resource("/2010-04-01/Accounts/{account}.json")
            .app_data(Data::new(self.clone()))
            .route(web::get().to(fetch_account::handle));
        config.service(account).service(scope);
    }

    /// Lets in who knows the account's token.
    fn authenticate(&self, request: &HttpRequest) -> Result<(), ApiError> {
        let presented = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let presented = presented.and_then(|value| value.strip_prefix("Basic "));
        let presented = presented.and_then(|value| STANDARD.decode(value).ok()).unwrap_or_default();
        let expected = format!("{}:{}", self.account_sid(), self.config().auth_token);
        let knows_token = bool::from(expected.as_bytes().ct_eq(&presented));
        let names_account = request.match_info().get("account") == Some(self.account_sid());
        if knows_token && names_account { Ok(()) } else { Err(ApiError::Unauthenticated) }
    }
}
