//! OpenAI's wire format of chat completions.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::RETRY_AFTER},
};
use serde_json::{Value, json};

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

/// Answers `chat/completions`.
pub(crate) fn answer(state: &Arc<State>, request: &RecordedRequest) -> HttpResponse {
    let model = text(&request.body, "/model").unwrap_or_default();
    if let Err(refusal) = admit(state, request, model) {
        return refused(&refusal);
    }
    let scripted = state.next_answer().unwrap_or_else(|| receptionist::answer(&asked(&request.body)));
    let (steps, piece) = match Script::from(scripted) {
        Script::Refuse(refusal) => return refused(&refusal),
        Script::Play { steps, piece } => (steps, piece),
    };
    // A prompt that rules forbid is refused before anything is written.
    if steps.contains(&Step::BlockPrompt) {
        return events(beats(vec![Step::Finish(Finish::Blocked)], model, true), piece, Arc::clone(state));
    }
    if at(&request.body, "/stream") == true {
        let counts = at(&request.body, "/stream_options/include_usage") == true;
        return events(beats(steps, model, counts), piece, Arc::clone(state));
    }
    HttpResponse::Ok().json(whole(steps, model))
}

/// Answers `models/{model}`, which writes nothing.
pub(crate) fn show(state: &State, request: &RecordedRequest, model: &str) -> HttpResponse {
    match admit(state, request, model) {
        Ok(()) => HttpResponse::Ok().json(json!({ "id": model, "object": "model" })),
        Err(refusal) => refused(&refusal),
    }
}

fn admit(state: &State, request: &RecordedRequest, model: &str) -> Result<(), Refusal> {
    let key = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    match key {
        Some("wrong") => {
            return Err(Refusal::new(401, "The key is not valid.").with_code("invalid_api_key"));
        }
        None if state.keys == Keys::Wanted => return Err(Refusal::new(401, "A key is needed.")),
        Some(_) | None => {}
    }
    if model == NO_MODEL {
        return Err(Refusal::new(404, "There is no such model.").with_code("model_not_found"));
    }
    Ok(())
}

fn asked(body: &Value) -> Asked {
    let messages = all(body, "/messages");
    let words = messages.iter().filter(|message| at(message, "/role") == "user");
    let tools = all(body, "/tools").iter();
    let last = words.clone().next_back().and_then(|message| text(message, "/content"));
    Asked {
        last_words: last.unwrap_or_default().to_owned(),
        count: words.count(),
        tools: tools.filter_map(|tool| text(tool, "/function/name")).map(str::to_owned).collect(),
        ends_with_result: messages.last().is_some_and(|message| at(message, "/role") == "tool"),
        schema: at(body, "/response_format/json_schema").get("schema").cloned(),
    }
}

fn beats(steps: Vec<Step>, model: &str, counts: bool) -> Vec<Beat> {
    let is_whole = steps.iter().any(|step| matches!(step, Step::Finish(_) | Step::FinishThinking));
    let mut calls = 0_usize;
    let hangs_first = steps.first() == Some(&Step::Hang);
    let opening = json!({ "role": "assistant", "content": "" });
    let opening = (!hangs_first).then(|| event(&chunk(&opening, &Value::Null, model)));
    let played: Vec<_> = steps.into_iter().flat_map(|step| played(step, model, &mut calls)).collect();
    let usage = json!({ "id": "fake", "object": "chat.completion.chunk", "created": 1, "model": model,
        "choices": [], "usage": usage() });
    let usage = (is_whole && counts).then(|| event(&usage));
    let done = is_whole.then(|| Beat::text("data: [DONE]\n\n"));
    opening.into_iter().chain(played).chain(usage).chain(done).collect()
}

fn played(step: Step, model: &str, calls: &mut usize) -> Vec<Beat> {
    let told = |delta: Value| event(&chunk(&delta, &Value::Null, model));
    let finish = |reason: &str| event(&chunk(&json!({}), &json!(reason), model));
    match step {
        Step::Say(text) => vec![told(json!({ "content": text }))],
        Step::Think(text) => vec![told(json!({ "reasoning_content": text }))],
        Step::Decline(text) => vec![told(json!({ "refusal": text }))],
        Step::Call { name, arguments } => call(&name, &arguments.to_string(), calls).map(told).into(),
        Step::CallBadly { name, arguments } => call(&name, &arguments, calls).map(told).into(),
        Step::Finish(reason) => vec![finish(&word(reason))],
        Step::FinishThinking => vec![finish("length")],
        Step::Fail => vec![event(&error_body(&Refusal::new(500, "Something broke.")))],
        Step::Raw(text) => vec![Beat::text(text)],
        Step::Wait(time) => vec![Beat::Wait(time)],
        Step::Break => vec![Beat::Break],
        Step::Hang => vec![Beat::Hang],
        Step::BlockPrompt => Vec::new(),
    }
}

/// Writes down a call: first its name, then its arguments in two pieces, as they are written.
fn call(name: &str, arguments: &str, calls: &mut usize) -> [Value; 3] {
    let index = *calls;
    *calls += 1;
    let middle = arguments.char_indices().nth(arguments.chars().count() / 2).map_or(0, |(at, _)| at);
    let (first, second) = arguments.split_at(middle);
    let id = format!("call_fake_{calls}");
    let begun = json!({ "index": index, "id": id, "type": "function",
        "function": { "name": name, "arguments": "" } });
    let more = |text: &str| json!({ "index": index, "function": { "arguments": text } });
    [begun, more(first), more(second)].map(|call| json!({ "tool_calls": [call] }))
}

fn event(value: &Value) -> Beat {
    Beat::text(format!("data: {value}\n\n"))
}

fn chunk(delta: &Value, finish_reason: &Value, model: &str) -> Value {
    json!({ "id": "fake", "object": "chat.completion.chunk", "created": 1, "model": model,
        "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason }] })
}

fn usage() -> Value {
    json!({ "prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19 })
}

fn word(finish: Finish) -> String {
    match finish {
        Finish::Stop => "stop".to_owned(),
        Finish::ToolCalls => "tool_calls".to_owned(),
        Finish::Blocked => "content_filter".to_owned(),
        Finish::Word(word) => word,
    }
}

/// Writes down all steps as one answer.
fn whole(steps: Vec<Step>, model: &str) -> Value {
    let (mut said, mut calls, mut reason) = (String::new(), Vec::new(), "stop".to_owned());
    let mut refusal = Value::Null;
    for step in steps {
        match step {
            Step::Say(piece) => said.push_str(&piece),
            Step::Call { name, arguments } => calls.push((name, arguments.to_string())),
            Step::CallBadly { name, arguments } => calls.push((name, arguments)),
            Step::Finish(finish) => reason = word(finish),
            Step::FinishThinking => "length".clone_into(&mut reason),
            Step::Decline(words) => refusal = json!(words),
            Step::Think(_)
            | Step::Fail
            | Step::BlockPrompt
            | Step::Raw(_)
            | Step::Wait(_)
            | Step::Break
            | Step::Hang => {}
        }
    }
    let mut message = json!({ "role": "assistant", "content": said, "refusal": refusal });
    if !calls.is_empty() {
        let calls = calls.into_iter().zip(1..).map(|((name, arguments), number)| {
            json!({ "id": format!("call_fake_{number}"), "type": "function",
                "function": { "name": name, "arguments": arguments } })
        });
        message = with(message, "tool_calls", calls.collect());
    }
    json!({ "id": "fake", "object": "chat.completion", "created": 1, "model": model, "usage": usage(),
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": reason }] })
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
    let kind = match refusal.status {
        429 => "rate_limit_error",
        500..=599 => "server_error",
        _ => "invalid_request_error",
    };
    json!({ "error": { "message": refusal.message, "type": kind, "param": null, "code": refusal.code } })
}
