//! What is sent: the two sides of the chat, tools, settings, and the key in its header alone.

use conversation::{Author, LanguageModel as _, Line, ModelRequest, ModelSettings, OutputSchema, Unheard};
use model_fakes::{FakeAnswer, FakeModelServer, RecordedRequest};
use openai::{OpenAiModel, OpenAiSettings};
use serde_json::{Value, json};

use crate::fixture::{CAPTURE_LEAD, line, model_at, request, settings};

async fn sent(request: &ModelRequest) -> RecordedRequest {
    let server = FakeModelServer::start().await.unwrap();
    server.then(FakeAnswer::says("Fine."));
    model_at(&server).reply(request, &Unheard).await.unwrap();
    server.requests().remove(0)
}

#[tokio::test]
async fn the_key_is_in_the_header_and_nowhere_else() {
    let sent = sent(&request(&["Hi"])).await;
    assert_eq!(sent.header("authorization"), Some("Bearer secret-key"));
    assert_eq!((sent.path.as_str(), sent.query.as_str()), ("/v1/chat/completions", ""));
    assert!(!sent.body.to_string().contains("secret-key"));
}

#[tokio::test]
async fn a_model_on_ones_own_machine_is_asked_without_a_key() {
    let server = FakeModelServer::start_without_keys().await.unwrap();
    let model = OpenAiModel::new(OpenAiSettings { api_key: None, ..settings(&server) }).unwrap();
    model.reply(&request(&["Hi"]), &Unheard).await.unwrap();
    assert_eq!(server.requests()[0].header("authorization"), None);
}

#[tokio::test]
async fn the_base_may_have_a_path_of_its_own() {
    let server = FakeModelServer::start().await.unwrap();
    for prefix in ["/proxy/v1", "/proxy/v1/"] {
        let api_base = server.openai_base().join(prefix).unwrap();
        let model = OpenAiModel::new(OpenAiSettings { api_base, ..settings(&server) }).unwrap();
        model.reply(&request(&["Hi"]), &Unheard).await.unwrap();
    }
    for sent in server.requests() {
        assert_eq!(sent.path, "/proxy/v1/chat/completions");
    }
}

#[tokio::test]
async fn nothing_but_the_instructions_and_the_two_sides_is_sent_where_nothing_else_is_asked() {
    let sent = sent(&request(&["Hi"])).await;
    assert_eq!(
        sent.body,
        json!({
            "model": "gpt-4.1-mini",
            "messages": [
                { "role": "system", "content": "You answer for Bright Pipes." },
                { "role": "user", "content": "Hi" },
            ],
            "stream": true,
            "stream_options": { "include_usage": true },
        })
    );
}

#[tokio::test]
async fn lines_of_one_side_are_one_speech_and_a_persons_lines_are_the_models() {
    let mut asked = request(&[]);
    asked.instructions = String::new();
    asked.transcript = vec![
        line(Author::Bot, "Welcome!"),
        line(Author::Contact, "Hi"),
        line(Author::Contact, "My tap drips"),
        line(Author::Bot, "I see."),
        line(Author::Human, "Ben here."),
        Line { attachments: 2, ..line(Author::Contact, "Look") },
    ];
    let said: Vec<(String, String)> = sent(&asked).await.body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["role"]), text(&one["content"])))
        .collect();
    let expected = [
        ("user", "[The conversation begins.]"),
        ("assistant", "Welcome!"),
        ("user", "Hi\nMy tap drips"),
        ("assistant", "I see.\nBen here."),
        ("user", "Look [2 attachments, not shown]"),
    ];
    assert_eq!(said, expected.map(|(role, text)| (role.to_owned(), text.to_owned())));
}

#[tokio::test]
async fn what_was_said_before_comes_first_on_the_contacts_side_and_is_no_instruction() {
    let mut asked = request(&["And tomorrow?"]);
    asked.earlier = Some("Ann asked for today.".to_owned());
    let body = sent(&asked).await.body;
    let said = &body["messages"];
    let first = said.as_array().unwrap().iter().find(|one| one["role"] == "user").unwrap();
    assert!(
        first.to_string().contains(r"[What was said before, in short: Ann asked for today.]\nAnd tomorrow?"),
        "{body}"
    );
    assert_eq!(body.to_string().matches("Ann asked").count(), 1);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn tools_are_declared_with_their_schema() {
    let mut asked = request(&["Hi"]);
    asked.tools = vec![CAPTURE_LEAD];
    assert_eq!(
        sent(&asked).await.body["tools"],
        json!([{ "type": "function", "function": {
            "name": "capture_lead",
            "description": "Notes who writes.",
            "parameters": CAPTURE_LEAD.parameters.schema(),
        } }])
    );
}

#[tokio::test]
async fn settings_and_the_wanted_shape_are_passed_on() {
    let mut asked = request(&["Hi"]);
    asked.settings = ModelSettings {
        model: Some("llama".to_owned()),
        temperature: Some(35),
        max_tokens: Some(512),
        ..ModelSettings::default()
    };
    let schema = json!({ "type": "object", "additionalProperties": false, "required": ["score"],
        "properties": { "score": { "type": "integer" } } });
    asked.output = Some(OutputSchema { name: "lead", schema: schema.clone() });
    let body = sent(&asked).await.body;
    assert_eq!(body["model"], "llama");
    assert_eq!(body["temperature"], 0.35);
    assert_eq!(body["max_tokens"], 512);
    assert_eq!(
        body["response_format"],
        json!({ "type": "json_schema",
            "json_schema": { "name": "lead", "schema": schema, "strict": true } })
    );
}
