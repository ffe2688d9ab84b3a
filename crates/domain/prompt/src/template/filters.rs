//! The filters that a template may use. None of them can fail, whatever it is given.

use minijinja::{Environment, Value};

/// Filters without an argument.
pub(super) const PLAIN: &[&str] = &["lower", "trim", "upper"];
/// Filters with one argument, a text in quotation marks.
pub(super) const WITH_TEXT: &[&str] = &["default", "join"];

/// Gives an engine the filters.
pub(super) fn add_to(engine: &mut Environment<'static>) {
    engine.add_filter("lower", |value: &Value| value.to_string().to_lowercase());
    engine.add_filter("upper", |value: &Value| value.to_string().to_uppercase());
    engine.add_filter("trim", |value: &Value| value.to_string().trim().to_owned());
    engine.add_filter("default", default);
    engine.add_filter("join", join);
}

/// Puts a text in the place of what is empty.
fn default(value: &Value, otherwise: Value) -> Value {
    if value.is_true() { value.clone() } else { otherwise }
}

/// Writes a list as one text.
fn join(value: &Value, between: &str) -> String {
    if value.as_str().is_some() {
        return value.to_string();
    }
    match value.try_iter() {
        Ok(items) => items.map(|item| item.to_string()).collect::<Vec<_>>().join(between),
        Err(_) => value.to_string(),
    }
}
