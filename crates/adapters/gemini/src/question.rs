//! What Gemini is asked, in its own shapes.

use conversation::{ModelRequest, ModelSettings, OutputSchema, ToolCall, ToolResult, ToolRound, ToolSpec};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    schema::translated,
    wire::transcript::{Side, speeches},
};

/// Under this name the adapter keeps what Gemini wants back beside a call.
pub(crate) const PROVIDER: &str = "gemini";
/// What Google's documentation has for a call that another model made: Gemini 3 and later want a signature of each.
const FOREIGN_SIGNATURE: &str = "skip_thought_signature_validator";

/// The body of a request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Question {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Value>,
    contents: Vec<Content>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    generation_config: Map<String, Value>,
}

/// What one side says.
#[derive(Serialize)]
struct Content {
    role: &'static str,
    parts: Vec<Value>,
}

impl Question {
    /// Writes down a request to a model.
    pub(crate) fn of(request: &ModelRequest, model: &str) -> Self {
        let instructions = &request.instructions;
        let spoken = speeches(request).into_iter().map(|speech| Content {
            role: match speech.side {
                Side::Contact => "user",
                Side::Business => "model",
            },
            parts: vec![json!({ "text": speech.text })],
        });
        let rounds = request.rounds.iter().flat_map(|round| contents_of(round, model));
        Self {
            system_instruction: (!instructions.is_empty())
                .then(|| json!({ "parts": [{ "text": instructions }] })),
            contents: spoken.chain(rounds).collect(),
            tools: tools(&request.tools),
            generation_config: generation_config(&request.settings, request.output.as_ref()),
        }
    }
}

fn tools(specs: &[ToolSpec]) -> Vec<Value> {
    let declarations: Vec<_> = specs.iter().map(declaration).collect();
    if declarations.is_empty() { Vec::new() } else { vec![json!({ "functionDeclarations": declarations })] }
}

/// Declares a tool. An object without members is refused as parameters, so a tool that takes nothing has none.
fn declaration(spec: &ToolSpec) -> Value {
    let mut declaration = json!({ "name": spec.name, "description": spec.description });
    if !spec.parameters.0.is_empty()
        && let Some(members) = declaration.as_object_mut()
    {
        members.insert("parameters".to_owned(), translated(&spec.parameters.schema()));
    }
    declaration
}

fn generation_config(settings: &ModelSettings, output: Option<&OutputSchema>) -> Map<String, Value> {
    let temperature = settings.temperature.map(|hundredths| json!(f64::from(hundredths) / 100.0));
    let fields = [
        ("temperature", temperature),
        ("maxOutputTokens", settings.max_tokens.map(|count| json!(count))),
        ("responseMimeType", output.map(|_| json!("application/json"))),
        ("responseSchema", output.map(|output| translated(&output.schema))),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Returns a round as Gemini remembers it: the model's calls, then what came of them.
fn contents_of(round: &ToolRound, model: &str) -> [Content; 2] {
    let text = (!round.text.is_empty()).then(|| json!({ "text": round.text }));
    let calls = round.calls.iter().enumerate().map(|(place, call)| call_part(call, place == 0, model));
    let results = round.results.iter().map(|result| result_part(result, &round.calls));
    [
        Content { role: "model", parts: text.into_iter().chain(calls).collect() },
        Content { role: "user", parts: results.collect() },
    ]
}

/// Returns a call with the id and the signature that Gemini gave it, which it wants back as they were.
fn call_part(call: &ToolCall, is_first: bool, model: &str) -> Value {
    let arguments = if call.arguments.is_object() { call.arguments.clone() } else { json!({}) };
    let mut function_call =
        Map::from_iter([("name".to_owned(), json!(call.name)), ("args".to_owned(), arguments)]);
    if let Some(id) = own_datum(call, "id") {
        function_call.insert("id".to_owned(), id.clone());
    }
    let mut part = Map::from_iter([("functionCall".to_owned(), Value::Object(function_call))]);
    if let Some(signature) = own_datum(call, "thoughtSignature") {
        part.insert("thoughtSignature".to_owned(), signature.clone());
    } else if is_first && is_foreign(call) && wants_signatures(model) {
        part.insert("thoughtSignature".to_owned(), json!(FOREIGN_SIGNATURE));
    }
    Value::Object(part)
}

fn result_part(result: &ToolResult, calls: &[ToolCall]) -> Value {
    let key = if result.is_error { "error" } else { "output" };
    let mut response =
        json!({ "functionResponse": { "name": result.name, "response": { key: result.content } } });
    let call = calls.iter().find(|call| call.id == result.call_id);
    if let Some(id) = call.and_then(|call| own_datum(call, "id"))
        && let Some(members) = response.get_mut("functionResponse").and_then(Value::as_object_mut)
    {
        members.insert("id".to_owned(), id.clone());
    }
    response
}

fn own_datum<'a>(call: &'a ToolCall, name: &str) -> Option<&'a Value> {
    call.provider_data.as_ref()?.get(PROVIDER)?.get(name)
}

fn is_foreign(call: &ToolCall) -> bool {
    call.provider_data.as_ref().and_then(|data| data.get(PROVIDER)).is_none()
}

/// Tells whether a model refuses calls without a signature; those before Gemini 3 do not.
fn wants_signatures(model: &str) -> bool {
    !["gemini-1", "gemini-2"].iter().any(|old| model.starts_with(old))
}
