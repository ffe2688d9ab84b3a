//! Which days of usage are asked for.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{
    IntoParams,
    openapi::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
};

use crate::http::{
    api::wire::or_nothing,
    problem::{FieldError, Problem},
};

/// Which days are asked for, in UTC: at most 366. Without any it is this month until today.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    /// The first day, as in `2026-11-01`; where only `to` is there, the first of its month.
    #[param(schema_with = day_or_nothing)]
    from: Option<String>,
    /// The last day, as in `2026-11-30`; where only `from` is there, today.
    #[param(schema_with = day_or_nothing)]
    to: Option<String>,
}

impl UsageQuery {
    /// Returns the first and the last day, where they are named.
    ///
    /// # Errors
    /// When one of them is no day.
    pub fn days(&self) -> Result<(Option<NaiveDate>, Option<NaiveDate>), Problem> {
        match (day("from", self.from.as_deref()), day("to", self.to.as_deref())) {
            (Ok(from), Ok(to)) => Ok((from, to)),
            (from, to) => Err(Problem::invalid(from.err().into_iter().chain(to.err()).collect())),
        }
    }
}

fn day_or_nothing() -> Schema {
    let day = ObjectBuilder::new().schema_type(Type::String);
    or_nothing(day.format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))))
}

fn day(field: &str, text: Option<&str>) -> Result<Option<NaiveDate>, FieldError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    // What is read loosely would be written otherwise.
    let day = text.parse().ok().filter(|day: &NaiveDate| day.to_string() == text);
    day.map(Some).ok_or_else(|| FieldError {
        field: field.to_owned(),
        message: "write a day, as in 2026-11-28".to_owned(),
    })
}
