//! What a caller gets to see of a failure: RFC 9457, with a stable code and the request's id. This is the only
//! place where errors become answers, and the only one where a fault of ours is logged.

mod code;
mod mapping;

use std::{error::Error, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use kernel::{BoxError, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

pub use code::{Code, catalogue};

use super::middleware::RequestId;

/// The media type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field's name, with dots and positions for what lies deeper: `hours.mon[0].closes`.
    pub field: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// A failure on its way to the caller.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<u16>,
    source: Option<BoxError>,
}

/// A problem as it stands on the wire.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// The URI that names the kind of problem.
    r#type: String,
    /// A short summary, the same for every occurrence.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What went wrong this time, for people.
    detail: &'a str,
    /// What went wrong, for programs; docs/problems.md lists the codes.
    code: &'a str,
    /// The request's id, as in the header `X-Request-Id` and in the log.
    request_id: &'a str,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// Makes a problem with a detail for people.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after_seconds: None, source: None }
    }

    /// Makes a problem that says no more than its code.
    pub fn of(code: Code) -> Self {
        Self::new(code, code.meaning())
    }

    /// Makes the problem of fields that hold what they must not.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{}: {}", only.field, only.message),
            many => format!("{} fields are not valid", many.len()),
        };
        Self { errors, ..Self::new(Code::InvalidRequest, detail) }
    }

    /// Makes the problem of one field that holds what it must not.
    pub fn invalid_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// Makes the problem of something that does not exist or belongs to somebody else.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("{what} not found"))
    }

    /// Makes the problem of a fault of ours; the caller sees nothing of its source.
    pub fn internal(source: impl Into<BoxError>) -> Self {
        Self { source: Some(source.into()), ..Self::of(Code::Internal) }
    }

    /// Makes the problem of something that cannot be reached; the caller sees nothing of its source.
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self { source: Some(source.into()), ..Self::of(Code::Unavailable).retry_after(5) }
    }

    /// Asks the caller to wait before it tries again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u16) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Adds what is wrong with one field.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError { field: field.into(), message: message.into() });
        self
    }

    /// Returns the code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Returns the failure of the database beneath it, if there is one.
    pub fn store_error(&self) -> Option<&StoreError> {
        let mut next: Option<&(dyn Error + 'static)> =
            self.source.as_deref().map(|error| -> &(dyn Error + 'static) { error });
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    /// Returns what is wrong with which field.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Writes the answer, and logs the problem if it is a fault of ours.
    pub fn render(&self, request_id: &RequestId) -> HttpResponse {
        let status = self.code.status();
        if status.is_server_error() {
            tracing::error!(
                request.id = request_id.as_str(),
                problem.code = self.code.as_str(),
                error = self.source_chain(),
                "the request failed"
            );
        }
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = self.retry_after_seconds {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, r#"ApiKey realm="chatter-cheetah""#));
        }
        let body = ProblemBody {
            r#type: self.code.type_uri(),
            title: self.code.title(),
            status: status.as_u16(),
            detail: &self.detail,
            code: self.code.as_str(),
            request_id: request_id.as_str(),
            errors: &self.errors,
        };
        response.content_type(PROBLEM_JSON).json(body)
    }

    fn source_chain(&self) -> String {
        let mut shown = Vec::new();
        let mut next: Option<&dyn Error> = self.source.as_deref().map(|error| -> &dyn Error { error });
        while let Some(error) = next {
            shown.push(error.to_string());
            next = error.source();
        }
        shown.join(": ")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl Error for Problem {}

/// Only the status is set here. The middleware writes the body, because only it knows the request's id.
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.code.status())
    }
}
