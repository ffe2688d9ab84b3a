//! Which page of a list is asked for, and the text form of cursors.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Cursor, PageRequest};
use url::form_urlencoded;
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required, Schema, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};
use uuid::Uuid;

use crate::http::{api::wire::or_nothing, problem::Problem};

/// The version of the cursor's layout: version, microseconds, id, check.
const LAYOUT: u8 = 1;
const UNCHECKED_LENGTH: usize = 1 + 8 + 16;

/// Which page of a list is asked for: `limit` (1 to 200, else 50) and `cursor`.
#[derive(Debug)]
pub struct PageQuery(pub PageRequest);

impl FromRequest for PageQuery {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self))
    }
}

impl IntoParams for PageQuery {
    fn into_params(_given: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = |name: &str, description: &str, schema: Schema| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some(description))
                .schema(Some(schema))
                .build()
        };
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(PageRequest::MAX_LIMIT))
            .default(Some(PageRequest::DEFAULT_LIMIT.into()));
        let cursor = ObjectBuilder::new().schema_type(Type::String);
        vec![
            parameter("limit", "How many items the page may hold", or_nothing(limit)),
            parameter("cursor", "The `next_cursor` of an earlier page", cursor.into()),
        ]
    }
}

/// Returns a cursor as callers carry it back.
pub fn cursor_text(cursor: Cursor) -> String {
    let mut bytes = Vec::with_capacity(UNCHECKED_LENGTH + 4);
    bytes.push(LAYOUT);
    bytes.extend(cursor.micros.to_be_bytes());
    bytes.extend(cursor.id.as_bytes());
    bytes.extend(check_of(&bytes));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read(query: &str) -> Result<PageRequest, Problem> {
    let (mut limit, mut after) = (PageRequest::DEFAULT_LIMIT, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
        match &*name {
            "limit" => limit = value.parse().map_err(|_| bad_limit())?,
            "cursor" => after = Some(read_cursor(&value)?),
            _ => {}
        }
    }
    PageRequest::new(limit, after).ok_or_else(bad_limit)
}

/// Reads where the next page begins.
///
/// # Errors
/// When it is no cursor of ours.
pub fn read_cursor(text: &str) -> Result<Cursor, Problem> {
    parse_cursor(text).ok_or_else(bad_cursor)
}

fn parse_cursor(text: &str) -> Option<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (cursor, check) = bytes.split_at_checked(UNCHECKED_LENGTH)?;
    let (layout, rest) = cursor.split_first()?;
    let (micros, id) = rest.split_first_chunk::<8>()?;
    let is_ours = *layout == LAYOUT && check == check_of(cursor);
    is_ours.then_some(Cursor { micros: i64::from_be_bytes(*micros), id: Uuid::from_slice(id).ok()? })
}

/// FNV-1a: it tells a cursor of ours from one that was cut off or made up. A cursor gives no rights, so it need not
/// be secret.
fn check_of(bytes: &[u8]) -> [u8; 4] {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(0x811c_9dc5, step).to_be_bytes()
}

fn bad_limit() -> Problem {
    Problem::invalid_field("limit", format!("write a whole number from 1 to {}", PageRequest::MAX_LIMIT))
}

fn bad_cursor() -> Problem {
    Problem::invalid_field(
        "cursor",
        "pass on the `next_cursor` of an earlier page as it was, or leave it out",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor() -> Cursor {
        Cursor { micros: 1_793_631_600_000_000, id: Uuid::from_u128(7) }
    }

    #[test]
    fn a_cursor_reads_back_as_it_was() {
        assert_eq!(parse_cursor(&cursor_text(cursor())), Some(cursor()));
    }

    #[test]
    fn a_cursor_with_any_letter_changed_is_refused() {
        let text = cursor_text(cursor());
        for position in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[position] = if forged[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(parse_cursor(&String::from_utf8(forged).unwrap()), None, "{position}");
        }
    }

    #[test]
    fn a_query_without_a_page_asks_for_the_first() {
        assert_eq!(read("status=open").unwrap(), PageRequest::default());
        assert_eq!(read("limit=&cursor=").unwrap(), PageRequest::default());
    }

    #[test]
    fn row_51_a_limit_or_cursor_that_is_none_is_refused() {
        for query in
            ["limit=-1", "limit=0", "limit=201", "limit=1000000000", "limit=NaN", "limit=5.0", "cursor=AAAA"]
        {
            assert!(read(query).is_err(), "{query}");
        }
    }
}
