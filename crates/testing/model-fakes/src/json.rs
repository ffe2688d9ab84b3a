//! Reading and writing JSON that may have any shape.

use serde_json::Value;

/// Returns what stands at a place such as `/contents/0`; null where nothing does.
pub(crate) fn at<'a>(value: &'a Value, place: &str) -> &'a Value {
    value.pointer(place).unwrap_or(&Value::Null)
}

/// Returns the elements of the array at a place; none where there is no array.
pub(crate) fn all<'a>(value: &'a Value, place: &str) -> &'a [Value] {
    at(value, place).as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Returns the text at a place.
pub(crate) fn text<'a>(value: &'a Value, place: &str) -> Option<&'a str> {
    at(value, place).as_str()
}

/// Returns an object with another member.
pub(crate) fn with(mut object: Value, name: &str, member: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
    object
}
