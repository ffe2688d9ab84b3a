//! The fakes seen from outside, where no adapter looks: answers in one piece, keys, models that are not there, and
//! what a developer gets who scripts nothing.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use model_fakes::{FakeAnswer, FakeModelServer};
use reqwest::Client;
use serde_json::{Value, json};

const GENERATE: &str = "v1beta/models/gemini-2.5-flash:generateContent";

async fn gemini(server: &FakeModelServer, path: &str, key: Option<&str>, body: &Value) -> (u16, Value) {
    let url = server.gemini_base().join(path).unwrap();
    let request = Client::new().post(url);
    let request = if let Some(key) = key { request.header("x-goog-api-key", key) } else { request };
    let response = request.json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn openai(server: &FakeModelServer, key: Option<&str>, body: &Value) -> (u16, Value) {
    let url = format!("{}/chat/completions", server.openai_base());
    let request = Client::new().post(url);
    let request = if let Some(key) = key { request.bearer_auth(key) } else { request };
    let response = request.json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn said(text: &str) -> Value {
    json!({ "contents": [{ "role": "user", "parts": [{ "text": text }] }] })
}

fn told(text: &str) -> Value {
    json!({ "model": "gpt-x", "messages": [{ "role": "user", "content": text }] })
}

#[tokio::test]
async fn gemini_answers_in_one_piece_too() {
    let server = FakeModelServer::start().await.unwrap();
    let (status, body) = gemini(&server, GENERATE, Some("k"), &said("Hi")).await;
    assert_eq!(status, 200);
    assert_eq!(
        body["candidates"],
        json!([{ "index": 0, "finishReason": "STOP", "content": { "role": "model",
            "parts": [{ "text": "Hello! " }, { "text": "How can I help you?" }] } }])
    );
    let stream = GENERATE.replace("generateContent", "streamGenerateContent");
    let (_, body) = gemini(&server, &stream, Some("k"), &said("Hi")).await;
    assert_eq!(body[0]["candidates"][0]["finishReason"], "STOP");
}

#[tokio::test]
async fn openai_answers_in_one_piece_too() {
    let server = FakeModelServer::start().await.unwrap();
    let arguments = json!({ "name": "Ann" });
    server.then(FakeAnswer::CallsTools(vec![("capture_lead".to_owned(), arguments.clone())]));
    assert_eq!(server.answers_left(), 1);
    let (status, body) = openai(&server, Some("k"), &told("Hi")).await;
    assert_eq!((status, server.answers_left()), (200, 0));
    let choice = &body["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    let call = &choice["message"]["tool_calls"][0]["function"];
    assert_eq!(call, &json!({ "name": "capture_lead", "arguments": arguments.to_string() }));
}

#[tokio::test]
async fn without_a_key_each_refuses_in_its_own_words() {
    let server = FakeModelServer::start().await.unwrap();
    let (status, body) = gemini(&server, GENERATE, None, &said("Hi")).await;
    assert_eq!((status, &body["error"]["status"]), (403, &json!("PERMISSION_DENIED")));
    let (status, body) = openai(&server, None, &told("Hi")).await;
    assert_eq!((status, &body["error"]["type"]), (401, &json!("invalid_request_error")));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_model_that_is_not_there_is_not_found() {
    let server = FakeModelServer::start().await.unwrap();
    let path = GENERATE.replace("gemini-2.5-flash", "nonexistent");
    assert_eq!(gemini(&server, &path, Some("k"), &said("Hi")).await.0, 404);
    let (status, body) = openai(&server, Some("k"), &json!({ "model": "nonexistent" })).await;
    assert_eq!((status, &body["error"]["code"]), (404, &json!("model_not_found")));
}

#[tokio::test]
async fn gemini_knows_no_json_schema_beyond_its_own_dialect() {
    let server = FakeModelServer::start().await.unwrap();
    let mut body = said("Hi");
    body["tools"] = json!([{ "functionDeclarations": [{ "name": "t", "parameters": {
        "type": "OBJECT",
        "properties": { "a": { "type": "ARRAY", "items": { "type": "OBJECT", "additionalProperties": false } } },
    } }] }]);
    assert_eq!(gemini(&server, GENERATE, Some("k"), &body).await.0, 400);
}

#[tokio::test]
async fn newer_models_of_gemini_want_the_signature_of_each_first_call_back() {
    let server = FakeModelServer::start().await.unwrap();
    let path = GENERATE.replace("gemini-2.5-flash", "gemini-3-flash");
    let call = json!({ "functionCall": { "name": "t", "args": {} } });
    let mut body = said("Hi");
    let contents = body["contents"].as_array_mut().unwrap();
    contents.push(json!({ "role": "model", "parts": [call] }));
    contents
        .push(json!({ "role": "user", "parts": [{ "functionResponse": { "name": "t", "response": {} } }] }));
    assert_eq!(gemini(&server, &path, Some("k"), &body).await.0, 400);
    body["contents"][1]["parts"][0]["thoughtSignature"] = json!("c2lnbmVk");
    assert_eq!(gemini(&server, &path, Some("k"), &body).await.0, 200);
}
