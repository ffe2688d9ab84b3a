//! What is asked, in OpenAI's shapes.

use conversation::{ModelRequest, OutputSchema, ToolCall, ToolRound, ToolSpec};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::wire::transcript::{Side, speeches};

/// Who is spoken to: OpenAI itself calls some things otherwise than those who speak as it once did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// OpenAI, whose newer models refuse `max_tokens`.
    OpenAi,
    /// Anybody else, most of whom know nothing but `max_tokens`.
    Compatible,
}

impl Dialect {
    /// Tells who is at a base URL.
    pub(crate) fn at(base: &Url) -> Self {
        if base.host_str() == Some("api.openai.com") { Self::OpenAi } else { Self::Compatible }
    }
}

/// The body of a request.
#[derive(Serialize)]
pub(crate) struct Question<'a> {
    model: &'a str,
    messages: Vec<Value>,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Value>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> Question<'a> {
    /// Writes down a request to a model.
    pub(crate) fn of(request: &ModelRequest, model: &'a str, dialect: Dialect) -> Self {
        let settings = &request.settings;
        let (max_tokens, max_completion_tokens) = match dialect {
            Dialect::OpenAi => (None, settings.max_tokens),
            Dialect::Compatible => (settings.max_tokens, None),
        };
        Self {
            model,
            messages: messages(request),
            stream: true,
            stream_options: StreamOptions { include_usage: true },
            tools: request.tools.iter().map(declaration).collect(),
            temperature: settings.temperature.map(|hundredths| f64::from(hundredths) / 100.0),
            max_tokens,
            max_completion_tokens,
            response_format: request.output.as_ref().map(response_format),
        }
    }
}

fn messages(request: &ModelRequest) -> Vec<Value> {
    let instructions = &request.instructions;
    let system = (!instructions.is_empty()).then(|| json!({ "role": "system", "content": instructions }));
    let spoken = speeches(request).into_iter().map(|speech| match speech.side {
        Side::Contact => json!({ "role": "user", "content": speech.text }),
        Side::Business => json!({ "role": "assistant", "content": speech.text }),
    });
    system.into_iter().chain(spoken).chain(request.rounds.iter().flat_map(messages_of)).collect()
}

fn declaration(spec: &ToolSpec) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": spec.name,
            "description": spec.description,
            "parameters": spec.parameters.schema(),
        },
    })
}

fn response_format(output: &OutputSchema) -> Value {
    json!({
        "type": "json_schema",
        "json_schema": { "name": output.name, "schema": output.schema, "strict": is_closed(&output.schema) },
    })
}

/// Tells whether a schema may be held to strictly: every object in it takes exactly what it names.
fn is_closed(schema: &Value) -> bool {
    let members = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let is_object = schema.get("type").and_then(Value::as_str) == Some("object");
    let takes_all = members.is_none_or(|members| {
        let is_required = |name: &String| required.is_some_and(|names| names.iter().any(|one| one == name));
        members.iter().all(|(name, member)| is_required(name) && is_closed(member))
    });
    let takes_no_more = schema.get("additionalProperties") == Some(&Value::Bool(false));
    (!is_object || takes_no_more) && takes_all && schema.get("items").is_none_or(is_closed)
}

/// Returns a round: what the model asked for, then what came of each call.
fn messages_of(round: &ToolRound) -> Vec<Value> {
    let calls: Vec<_> = round.calls.iter().map(call).collect();
    let text = if round.text.is_empty() { Value::Null } else { json!(round.text) };
    let asked = json!({ "role": "assistant", "content": text, "tool_calls": calls });
    let results = round.results.iter().map(|result| {
        let content =
            if result.is_error { json!({ "error": result.content }) } else { result.content.clone() };
        json!({ "role": "tool", "tool_call_id": result.call_id, "content": content.to_string() })
    });
    [asked].into_iter().chain(results).collect()
}

/// Returns a call. Arguments that could not be read are left out, for many servers read them again.
fn call(call: &ToolCall) -> Value {
    let arguments = if call.arguments.is_object() { call.arguments.to_string() } else { "{}".to_owned() };
    json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": arguments } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openai_itself_is_told_by_its_host() {
        let dialect = |base| Dialect::at(&Url::parse(base).unwrap());
        assert_eq!(dialect("https://api.openai.com/v1"), Dialect::OpenAi);
        assert_eq!(dialect("http://localhost:11434/v1"), Dialect::Compatible);
        assert_eq!(dialect("https://api.openai.com.evil.example/v1"), Dialect::Compatible);
    }

    #[test]
    fn only_a_schema_that_takes_exactly_what_it_names_is_strict() {
        let closed = json!({ "type": "object", "properties": { "a": { "type": "string" } },
            "required": ["a"], "additionalProperties": false });
        assert!(is_closed(&closed));
        assert!(is_closed(&json!({ "type": "array", "items": closed })));
        let mut open = closed.clone();
        open["additionalProperties"] = json!(true);
        assert!(!is_closed(&open));
        assert!(!is_closed(&json!({ "type": "array", "items": open })));
        let mut optional = closed;
        optional["required"] = json!([]);
        assert!(!is_closed(&optional));
    }
}
