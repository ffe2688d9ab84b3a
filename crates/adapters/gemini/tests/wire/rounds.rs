//! Tools in rounds: what the model asked for goes back as it came, with what came of it.

use conversation::{LanguageModel as _, ModelReply, ModelRequest, ToolCall, ToolResult, ToolRound, Unheard};
use model_fakes::{FakeAnswer, FakeModelServer};
use serde_json::json;

use crate::fixture::{CAPTURE_LEAD, model_at, request};

fn asked_at(model: &str) -> ModelRequest {
    let mut asked = request(&["Hello", "my name is Ann"]);
    asked.tools = vec![CAPTURE_LEAD];
    asked.settings.model = Some(model.to_owned());
    asked
}

fn round_of(reply: ModelReply, is_error: bool) -> ToolRound {
    let results = reply.tool_calls.iter().map(|call| ToolResult {
        call_id: call.id.clone(),
        name: call.name.clone(),
        content: json!({ "noted": !is_error }),
        is_error,
    });
    ToolRound { results: results.collect(), text: reply.text, calls: reply.tool_calls }
}

#[tokio::test]
async fn two_rounds_end_in_words_and_each_keeps_its_signature() {
    let server = FakeModelServer::start().await.unwrap();
    let model = model_at(&server);
    let mut asked = asked_at("gemini-3-flash");
    for is_error in [true, false] {
        server.then(FakeAnswer::CallsTools(vec![
            ("capture_lead".into(), json!({ "name": "Ann" })),
            ("capture_lead".into(), json!({ "name": "Ben" })),
        ]));
        let reply = model.reply(&asked, &Unheard).await.unwrap();
        asked.rounds.push(round_of(reply, is_error));
    }
    let last = model.reply(&asked, &Unheard).await.unwrap();
    assert_eq!(last.text, "Thank you, I have noted that. Is there anything else?");

    let contents = server.requests()[2].body["contents"].as_array().unwrap().clone();
    assert_eq!(contents.len(), 5);
    assert_eq!(
        contents[1],
        json!({ "role": "model", "parts": [
            { "functionCall": { "id": "fake-call-1", "name": "capture_lead", "args": { "name": "Ann" } },
              "thoughtSignature": "ZmFrZSBzaWduYXR1cmU=" },
            { "functionCall": { "id": "fake-call-2", "name": "capture_lead", "args": { "name": "Ben" } } },
        ] })
    );
    let result = |id: &str, key: &str, noted: bool| {
        json!({ "functionResponse": { "id": id, "name": "capture_lead",
            "response": { key: { "noted": noted } } } })
    };
    assert_eq!(
        contents[2],
        json!({ "role": "user",
            "parts": [result("fake-call-1", "error", false), result("fake-call-2", "error", false)] })
    );
    assert_eq!(contents[4]["parts"][0], result("fake-call-1", "output", true));
}

/// The model before this one may have been another provider's.
#[tokio::test]
async fn a_call_of_another_model_goes_back_without_its_id_and_with_the_signature_that_newer_models_want() {
    let server = FakeModelServer::start().await.unwrap();
    let call = ToolCall {
        id: "call_abc".into(),
        name: "capture_lead".into(),
        arguments: json!("{\"name\": "),
        provider_data: None,
    };
    let foreign = ModelReply { text: "Well.".into(), tool_calls: vec![call], ..ModelReply::default() };
    for (model, signature) in
        [("gemini-3-flash", json!("skip_thought_signature_validator")), ("gemini-2.5-flash", json!(null))]
    {
        let mut asked = asked_at(model);
        asked.rounds.push(round_of(foreign.clone(), true));
        model_at(&server).reply(&asked, &Unheard).await.unwrap();
        let sent = server.requests().pop().unwrap();
        let parts = &sent.body["contents"][1]["parts"];
        assert_eq!(parts[0], json!({ "text": "Well." }));
        assert_eq!(parts[1]["functionCall"], json!({ "name": "capture_lead", "args": {} }));
        assert_eq!(parts[1]["thoughtSignature"], signature, "{model}");
    }
}
