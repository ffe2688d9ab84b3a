//! Tools in rounds: what the model asked for goes back with what came of it.

use conversation::{LanguageModel as _, ModelReply, ToolResult, ToolRound, Unheard};
use model_fakes::{FakeAnswer, FakeModelServer};
use serde_json::json;

use crate::fixture::{CAPTURE_LEAD, model_at, request};

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
async fn two_rounds_end_in_words() {
    let server = FakeModelServer::start().await.unwrap();
    let model = model_at(&server);
    let mut asked = request(&["Hello", "my name is Ann"]);
    asked.tools = vec![CAPTURE_LEAD];
    server.then(FakeAnswer::CallsToolBadly { name: "capture_lead".into(), arguments: "{\"na".into() });
    for is_error in [true, false] {
        let reply = model.reply(&asked, &Unheard).await.unwrap();
        asked.rounds.push(round_of(reply, is_error));
        server.then(FakeAnswer::CallsTool {
            name: "capture_lead".into(),
            arguments: json!({ "name": "Ann" }),
            text_before: "Well, ".into(),
            text_after: String::new(),
        });
    }
    model.reply(&asked, &Unheard).await.unwrap();

    let messages = server.requests()[2].body["messages"].as_array().unwrap().clone();
    let call = |arguments: &str| {
        json!([{ "id": "call_fake_1", "type": "function",
            "function": { "name": "capture_lead", "arguments": arguments } }])
    };
    let result = |content: &str| json!({ "role": "tool", "tool_call_id": "call_fake_1", "content": content });
    assert_eq!(
        messages[2..],
        [
            json!({ "role": "assistant", "content": null, "tool_calls": call("{}") }),
            result("{\"error\":{\"noted\":false}}"),
            json!({ "role": "assistant", "content": "Well, ", "tool_calls": call("{\"name\":\"Ann\"}") }),
            result("{\"noted\":true}"),
        ]
    );
}

#[tokio::test]
async fn what_was_not_scripted_captures_a_lead_and_thanks() {
    let server = FakeModelServer::start().await.unwrap();
    let model = model_at(&server);
    let mut asked = request(&["Hello, my name is Ann Lee"]);
    asked.tools = vec![CAPTURE_LEAD];
    let reply = model.reply(&asked, &Unheard).await.unwrap();
    assert_eq!(reply.tool_calls[0].arguments, json!({ "name": "Ann Lee" }));
    asked.rounds.push(round_of(reply, false));
    let thanks = model.reply(&asked, &Unheard).await.unwrap();
    assert_eq!(thanks.text, "Thank you, I have noted that. Is there anything else?");
}
