//! The query of a URL.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde::de::DeserializeOwned;

use crate::http::problem::Problem;

/// The query of a URL, as type `T`.
#[derive(Debug)]
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned> FromRequest for ApiQuery<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        // No value that is looked for holds a NUL, and not every store can compare with one.
        let query = request.query_string().replace("%00", "");
        let read = web::Query::<T>::from_query(&query).map(|value| Self(value.into_inner()));
        ready(read.map_err(|error| Problem::invalid_field("query", error.to_string())))
    }
}

/// Returns a phone number or other address from a query, in which an unescaped `+` has become a space.
pub fn address_in_query(text: &str) -> String {
    text.strip_prefix(' ').map_or_else(|| text.to_owned(), |digits| format!("+{}", digits.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_that_became_a_space_is_a_plus_again() {
        assert_eq!(address_in_query(" 15551230000"), "+15551230000");
        assert_eq!(address_in_query("+15551230000"), "+15551230000");
        assert_eq!(address_in_query("visitor 1"), "visitor 1");
    }
}
