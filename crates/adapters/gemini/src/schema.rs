//! JSON Schema in Gemini's dialect, which refuses every word that it does not know.

use serde_json::{Map, Value, json};

/// The words that mean the same in both.
const SHARED: &[&str] = &[
    "description",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "nullable",
    "pattern",
    "propertyOrdering",
    "required",
    "title",
];
/// The formats that are understood; others are refused.
const FORMATS: &[&str] = &["date-time", "double", "enum", "float", "int32", "int64"];

/// Translates a schema. What the dialect has no word for is left out: arguments and answers are checked here anyway.
pub(crate) fn translated(schema: &Value) -> Value {
    let Some(words) = schema.as_object() else {
        return json!({});
    };
    let mut own = Map::new();
    for (word, value) in words {
        match word.as_str() {
            "type" => own.extend(types(value)),
            "properties" => own.extend([(word.clone(), each_member(value))]),
            "items" => own.extend([(word.clone(), translated(value))]),
            "anyOf" | "oneOf" => own.extend([("anyOf".to_owned(), each_element(value))]),
            "const" if value.is_string() => own.extend([("enum".to_owned(), json!([value]))]),
            "enum" => own.extend(choices(value)),
            "format" if value.as_str().is_some_and(|format| FORMATS.contains(&format)) => {
                own.extend([(word.clone(), value.clone())]);
            }
            shared if SHARED.contains(&shared) => own.extend([(word.clone(), value.clone())]),
            _ => {}
        }
    }
    Value::Object(own)
}

/// Translates a type, or a type that may be null besides.
fn types(value: &Value) -> Vec<(String, Value)> {
    let names: Vec<&str> = match value {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        name => name.as_str().into_iter().collect(),
    };
    let kind = names.iter().find(|name| **name != "null");
    let kind = kind.map(|name| ("type".to_owned(), json!(name.to_ascii_uppercase())));
    let nullable = names.contains(&"null").then(|| ("nullable".to_owned(), json!(true)));
    kind.into_iter().chain(nullable).collect()
}

/// Translates a choice: only texts can be chosen from, and null has a word of its own.
fn choices(value: &Value) -> Vec<(String, Value)> {
    let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts: Vec<_> = values.iter().filter(|value| value.is_string()).cloned().collect();
    let nullable = values.iter().any(Value::is_null).then(|| ("nullable".to_owned(), json!(true)));
    let texts = (!texts.is_empty()).then(|| ("enum".to_owned(), Value::Array(texts)));
    texts.into_iter().chain(nullable).collect()
}

fn each_member(value: &Value) -> Value {
    let members = value.as_object().into_iter().flatten();
    Value::Object(members.map(|(name, schema)| (name.clone(), translated(schema))).collect())
}

fn each_element(value: &Value) -> Value {
    Value::Array(value.as_array().into_iter().flatten().map(translated).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_keeps_what_gemini_understands_and_nothing_else() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": false,
            "required": ["name"],
            "properties": {
                "name": { "type": "string", "description": "Who", "maxLength": 5 },
                "email": { "type": ["string", "null"], "format": "email" },
                "at": { "type": "string", "format": "date-time" },
                "urgency": { "type": "string", "enum": ["low", "high", null] },
                "days": { "type": "integer", "minimum": 0, "exclusiveMaximum": 30 },
                "tags": { "type": "array", "items": { "type": "object", "additionalProperties": true } },
                "kind": { "oneOf": [{ "const": "a" }, { "type": "number", "multipleOf": 2 }] },
            },
        });
        assert_eq!(
            translated(&schema),
            json!({
                "type": "OBJECT",
                "required": ["name"],
                "properties": {
                    "name": { "type": "STRING", "description": "Who", "maxLength": 5 },
                    "email": { "type": "STRING", "nullable": true },
                    "at": { "type": "STRING", "format": "date-time" },
                    "urgency": { "type": "STRING", "enum": ["low", "high"], "nullable": true },
                    "days": { "type": "INTEGER", "minimum": 0 },
                    "tags": { "type": "ARRAY", "items": { "type": "OBJECT" } },
                    "kind": { "anyOf": [{ "enum": ["a"] }, { "type": "NUMBER" }] },
                },
            })
        );
    }

    #[test]
    fn a_property_may_be_called_like_a_word_of_the_schema() {
        let schema =
            json!({ "type": "object", "properties": { "additionalProperties": { "type": "string" } } });
        assert_eq!(
            translated(&schema)["properties"],
            json!({ "additionalProperties": { "type": "STRING" } })
        );
    }
}
