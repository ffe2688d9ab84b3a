//! The id by which a request is found again in logs and problems.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header that carries the id, in both directions.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 64;

/// The id by which a request is found again in logs and problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Takes the caller's id if it is well-formed, so that it can follow a request through its own logs as well;
    /// otherwise makes one. Well-formed is what cannot forge a log line: up to 64 letters, digits, `-`, `_`, `.`.
    pub fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let fits = |id: &&str| {
            (1..=LONGEST).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        };
        Self(given.filter(fits).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned))
    }

    /// Returns the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id as a header's value.
    pub fn to_header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(given: &str) -> RequestId {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_str(given).unwrap());
        RequestId::of(&headers)
    }

    #[test]
    fn a_well_formed_id_is_taken() {
        assert_eq!(id_for("Trace-1_a.b").as_str(), "Trace-1_a.b");
    }

    #[test]
    fn an_id_that_could_forge_a_log_line_is_replaced() {
        for given in ["", "a b", "a\"b", "a{}", &"x".repeat(65)] {
            let id = id_for(given);
            assert_ne!(id.as_str(), given);
            assert!(Uuid::parse_str(id.as_str()).is_ok(), "{given}");
        }
    }
}
