//! Shapes that several endpoints share on the wire.

use actix_web::{HttpResponse, http::header::LOCATION};
use kernel::{Cursor, Page};
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        ContentBuilder, ObjectBuilder, OneOfBuilder, Ref, RefOr, Response, ResponseBuilder, Schema, Type,
    },
};

use crate::http::{
    extract::cursor_text,
    problem::{FieldError, PROBLEM_JSON},
};

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListBody<T> {
    /// The items, in the list's order.
    items: Vec<T>,
    /// What to pass as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl<T> ListBody<T> {
    /// Shows a page, each item turned into its wire form.
    pub fn of_page<U>(page: Page<U>, turn: impl FnMut(U) -> T) -> Self {
        let Page { items, next } = page.map(turn);
        Self { items, next_cursor: next.map(|cursor: Cursor| cursor_text(cursor)) }
    }

    /// Shows a list that has no pages.
    pub fn whole<U>(items: impl IntoIterator<Item = U>, turn: impl FnMut(U) -> T) -> Self {
        Self { items: items.into_iter().map(turn).collect(), next_cursor: None }
    }
}

/// The problems that every operation may answer with, for the OpenAPI document.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> std::collections::BTreeMap<String, RefOr<Response>> {
        let problem = |description: &str| {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build().into()
        };
        [
            ("4XX".to_owned(), problem("The caller can mend it; `code` says what it is")),
            ("5XX".to_owned(), problem("The caller cannot mend it; wait for `Retry-After` if there is one")),
        ]
        .into()
    }
}

/// Answers that something was made, and where it is.
pub fn created(location: &str, body: impl Serialize) -> HttpResponse {
    HttpResponse::Created().insert_header((LOCATION, location)).json(body)
}

/// Reads a name of which `all` are allowed.
///
/// # Errors
/// Says which names there are.
pub fn one_of<T: Copy>(
    field: &str,
    text: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, FieldError> {
    let found = all.iter().copied().find(|value| name(*value) == text);
    found.ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|value| name(*value)).collect();
        FieldError { field: field.to_owned(), message: format!("write one of {}", names.join(", ")) }
    })
}

/// Describes a part of a query that may be empty, which is as good as leaving it out.
pub fn or_nothing(described: ObjectBuilder) -> Schema {
    let nothing = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([""]));
    OneOfBuilder::new().item(described).item(nothing).build().into()
}
