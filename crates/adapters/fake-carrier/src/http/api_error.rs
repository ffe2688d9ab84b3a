//! What Twilio says when it says no.

use std::{io, time::Duration};

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{StatusCode, header::RETRY_AFTER},
};
use serde_json::json;

/// A refusal, with Twilio's code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// No credentials, or other ones.
    #[error("Authenticate")]
    Unauthenticated,
    /// There is no such resource.
    #[error("The requested resource was not found")]
    NotFound,
    /// `To` is missing.
    #[error("A 'To' phone number is required.")]
    MissingTo,
    /// `To` is no phone number.
    #[error("The 'To' number is not a valid phone number.")]
    InvalidTo,
    /// `From` is missing.
    #[error("A 'From' phone number is required.")]
    MissingFrom,
    /// `From` is no phone number.
    #[error("The 'From' number is not a valid phone number.")]
    InvalidFrom,
    /// There is nothing to say.
    #[error("Message body is required.")]
    MissingBody,
    /// There is too much to say.
    #[error("The concatenated message body exceeds the 1600 character limit.")]
    TooLong,
    /// `StatusCallback` is no URL.
    #[error("The 'StatusCallback' URL is not a valid URL.")]
    InvalidStatusCallback,
    /// The recipient has opted out of this sender.
    #[error("Attempt to send to unsubscribed recipient")]
    OptedOut,
    /// The journal cannot be written: the message was not taken.
    #[error("Internal Server Error")]
    Journal(#[from] io::Error),
    /// What a test has scripted.
    #[error("Scripted fault")]
    Scripted {
        /// The HTTP status.
        status: u16,
        /// Twilio's code.
        code: u32,
        /// How long the caller is asked to wait.
        retry_after: Option<Duration>,
    },
}

impl ApiError {
    fn code(&self) -> u32 {
        match self {
            Self::Unauthenticated => 20003,
            Self::NotFound => 20404,
            Self::MissingTo => 21604,
            Self::InvalidTo => 21211,
            Self::MissingFrom => 21603,
            Self::InvalidFrom => 21212,
            Self::MissingBody => 21602,
            Self::TooLong => 21617,
            Self::InvalidStatusCallback => 21609,
            Self::OptedOut => 21610,
            Self::Journal(_) => 20500,
            Self::Scripted { code, .. } => *code,
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Journal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Scripted { status, .. } => {
                StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let (status, code) = (self.status_code(), self.code());
        let mut response = HttpResponseBuilder::new(status);
        if let Self::Scripted { retry_after: Some(wait), .. } = self {
            response.insert_header((RETRY_AFTER, wait.as_secs()));
        }
        response.json(json!({
            "code": code,
            "message": self.to_string(),
            "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
            "status": status.as_u16(),
        }))
    }
}
