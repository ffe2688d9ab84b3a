//! Gemini's wire format.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::RETRY_AFTER},
};
use serde_json::{Map, Value, json};

use crate::{
    RecordedRequest,
    asked::Asked,
    body::{Beat, events},
    json::{all, at, text, with},
    receptionist,
    script::{Finish, Refusal, Script, Step},
    state::{Keys, State},
};

/// A model that nobody has.
const NO_MODEL: &str = "nonexistent";

/// Answers `models/{model}:{method}`.
pub(crate) fn answer(state: &Arc<State>, request: &RecordedRequest, method: &str) -> HttpResponse {
    let (model, method) = method.split_once(':').unwrap_or((method, ""));
    if let Err(refusal) = admit(state, request, model, method) {
        return refused(&refusal);
    }
    let scripted = state.next_answer().unwrap_or_else(|| receptionist::answer(&asked(&request.body)));
    let (steps, piece) = match Script::from(scripted) {
        Script::Refuse(refusal) => return refused(&refusal),
        Script::Play { steps, piece } => (steps, piece),
    };
    if method == "streamGenerateContent" && request.query.contains("alt=sse") {
        return events(beats(steps, model), piece, Arc::clone(state));
    }
    let whole = whole(steps, model);
    // Without `alt=sse` a stream is one JSON array.
    let is_stream = method == "streamGenerateContent";
    HttpResponse::Ok().json(if is_stream { json!([whole]) } else { whole })
}

/// Answers `models/{model}`, which writes nothing.
pub(crate) fn show(state: &State, request: &RecordedRequest, model: &str) -> HttpResponse {
    match admit(state, request, model, "generateContent") {
        Ok(()) => HttpResponse::Ok().json(json!({ "name": format!("models/{model}") })),
        Err(refusal) => refused(&refusal),
    }
}

fn admit(state: &State, request: &RecordedRequest, model: &str, method: &str) -> Result<(), Refusal> {
    let in_query = request.query.split('&').find_map(|pair| pair.strip_prefix("key="));
    let key = request.header("x-goog-api-key").or(in_query);
    match key {
        Some("wrong") => return Err(Refusal::new(400, "The key is not valid.").with_code("INVALID_ARGUMENT")),
        None if state.keys == Keys::Wanted => return Err(Refusal::new(403, "A key is needed.")),
        Some(_) | None => {}
    }
    if model == NO_MODEL || !["generateContent", "streamGenerateContent"].contains(&method) {
        return Err(Refusal::new(404, "There is no such model."));
    }
    if let Some(word) = unknown_word(&request.body) {
        return Err(Refusal::new(400, &format!("Unknown name \"{word}\" in a schema.")));
    }
    if !model.starts_with("gemini-2") && lacks_signature(&request.body) {
        return Err(Refusal::new(400, "A function call has no thought_signature."));
    }
    Ok(())
}

/// Finds a word of JSON Schema that Gemini's own dialect does not know.
fn unknown_word(body: &Value) -> Option<&'static str> {
    let unknown = ["additionalProperties", "$schema", "$ref", "const", "oneOf"];
    let declarations = all(body, "/tools").iter();
    let declared = declarations.flat_map(|tool| all(tool, "/functionDeclarations").iter());
    let parameters = declared.map(|declaration| at(declaration, "/parameters"));
    let schemas = parameters.chain([at(body, "/generationConfig/responseSchema")]);
    schemas.into_iter().find_map(|schema| unknown.into_iter().find(|word| has_word(schema, word)))
}

fn has_word(schema: &Value, word: &str) -> bool {
    let members = at(schema, "/properties").as_object().into_iter().flatten().map(|(_, member)| member);
    schema.get(word).is_some() || members.chain(schema.get("items")).any(|inner| has_word(inner, word))
}

/// Tells whether a step of the present turn lacks the signature on its first call, which Gemini 3 refuses.
fn lacks_signature(body: &Value) -> bool {
    let contents = all(body, "/contents");
    let turn = contents.iter().rev().take_while(|content| !is_words_of_user(content));
    let first_calls =
        turn.filter_map(|content| parts(content).find(|part| part.get("functionCall").is_some()));
    first_calls.into_iter().any(|part| part.get("thoughtSignature").is_none())
}

fn is_words_of_user(content: &Value) -> bool {
    at(content, "/role") == "user" && parts(content).any(|part| part.get("text").is_some())
}

fn parts(content: &Value) -> impl Iterator<Item = &Value> {
    all(content, "/parts").iter()
}

fn asked(body: &Value) -> Asked {
    let contents = all(body, "/contents");
    let words = contents.iter().filter(|content| is_words_of_user(content));
    let last = words.clone().next_back().map(|content| parts(content).filter_map(|part| text(part, "/text")));
    let tools = all(body, "/tools").iter();
    let declared = tools.flat_map(|tool| all(tool, "/functionDeclarations").iter());
    Asked {
        last_words: last.map(Iterator::collect).unwrap_or_default(),
        count: words.count(),
        tools: declared.filter_map(|one| text(one, "/name")).map(str::to_owned).collect(),
        ends_with_result: contents
            .last()
            .is_some_and(|content| parts(content).any(|part| part.get("functionResponse").is_some())),
        schema: at(body, "/generationConfig").get("responseSchema").cloned(),
    }
}

fn beats(steps: Vec<Step>, model: &str) -> Vec<Beat> {
    let mut calls = 0_usize;
    let beat = |step| match step {
        Step::Wait(time) => Beat::Wait(time),
        Step::Break => Beat::Break,
        Step::Hang => Beat::Hang,
        Step::Raw(text) => Beat::text(text),
        Step::Fail => event(&error_body(&Refusal::new(503, "The model is overloaded."))),
        told => event(&piece(told, model, &mut calls)),
    };
    steps.into_iter().map(beat).collect()
}

fn event(value: &Value) -> Beat {
    Beat::text(format!("data: {value}\r\n\r\n"))
}

/// Writes down one step as a piece of a stream.
fn piece(step: Step, model: &str, calls: &mut usize) -> Value {
    let (part, finish, usage) = told(step, calls);
    if finish.as_deref() == Some("blocked prompt") {
        return json!({ "promptFeedback": { "blockReason": "PROHIBITED_CONTENT" }, "modelVersion": model,
            "usageMetadata": { "promptTokenCount": 12, "totalTokenCount": 12 } });
    }
    let parts = part.map(|part| json!([part]));
    let content = with_some(json!({ "role": "model" }), "parts", parts);
    let candidate = json!({ "content": content, "index": 0 });
    let candidate = with_some(candidate, "finishReason", finish.map(Value::String));
    json!({ "candidates": [candidate], "usageMetadata": usage, "modelVersion": model, "responseId": "fake" })
}

/// Returns a step's part, its reason to finish, and what is counted so far.
fn told(step: Step, calls: &mut usize) -> (Option<Value>, Option<String>, Value) {
    let usage = json!({ "promptTokenCount": 12, "candidatesTokenCount": 7, "totalTokenCount": 19 });
    match step {
        Step::Say(text) => (Some(json!({ "text": text })), None, usage),
        Step::Think(text) => (Some(json!({ "text": text, "thought": true })), None, usage),
        Step::Call { name, arguments } => (Some(call(&name, &arguments, calls)), None, usage),
        Step::CallBadly { name, .. } => (Some(call(&name, &json!({}), calls)), None, usage),
        Step::Finish(finish) => (None, Some(reason(finish)), usage),
        Step::FinishThinking => {
            let usage = json!({ "promptTokenCount": 12, "totalTokenCount": 112, "thoughtsTokenCount": 100 });
            (None, Some("MAX_TOKENS".to_owned()), usage)
        }
        Step::BlockPrompt | Step::Decline(_) => (None, Some("blocked prompt".to_owned()), usage),
        Step::Fail | Step::Raw(_) | Step::Wait(_) | Step::Break | Step::Hang => (None, None, usage),
    }
}

/// Writes down a call. Of calls at once only the first is signed.
fn call(name: &str, arguments: &Value, calls: &mut usize) -> Value {
    *calls += 1;
    let id = format!("fake-call-{calls}");
    let part = json!({ "functionCall": { "id": id, "name": name, "args": arguments } });
    let signature = (*calls == 1).then(|| json!("ZmFrZSBzaWduYXR1cmU="));
    with_some(part, "thoughtSignature", signature)
}

fn with_some(object: Value, name: &str, member: Option<Value>) -> Value {
    match member {
        Some(member) => with(object, name, member),
        None => object,
    }
}

fn reason(finish: Finish) -> String {
    match finish {
        Finish::Stop | Finish::ToolCalls => "STOP".to_owned(),
        Finish::Blocked => "SAFETY".to_owned(),
        Finish::Word(word) => word,
    }
}

/// Writes down all steps as one answer.
fn whole(steps: Vec<Step>, model: &str) -> Value {
    let mut calls = 0_usize;
    let pieces = steps.into_iter().map(|step| piece(step, model, &mut calls));
    let mut whole = Map::new();
    let mut all_parts = Vec::new();
    for piece in pieces {
        all_parts.extend(parts(at(&piece, "/candidates/0/content")).cloned());
        whole.extend(piece.as_object().cloned().unwrap_or_default());
    }
    let mut whole = Value::Object(whole);
    if !all_parts.is_empty()
        && let Some(content) = whole.pointer_mut("/candidates/0/content")
    {
        *content = with(content.take(), "parts", Value::Array(all_parts));
    }
    whole
}

fn refused(refusal: &Refusal) -> HttpResponse {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if let Some(wait) = refusal.header {
        response.insert_header((RETRY_AFTER, wait.as_secs()));
    }
    response.json(error_body(refusal))
}

fn error_body(refusal: &Refusal) -> Value {
    let usual = match refusal.status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        _ => "INTERNAL",
    };
    let status = refusal.code.as_deref().unwrap_or(usual);
    let error = json!({ "code": refusal.status, "message": refusal.message, "status": status });
    let details = refusal.in_body.map(|wait| {
        json!([
            { "@type": "type.googleapis.com/google.rpc.Help", "links": [] },
            { "@type": "type.googleapis.com/google.rpc.RetryInfo",
              "retryDelay": format!("{}s", wait.as_secs_f64()) },
        ])
    });
    json!({ "error": with_some(error, "details", details) })
}
