//! What the model says arrives whole, and as it comes.

use conversation::{FinishReason, TokenUsage};
use model_fakes::FakeAnswer;
use serde_json::json;

use crate::fixture::ask;

#[tokio::test]
async fn words_are_heard_as_they_come_and_returned_whole() {
    let (reply, heard) = ask(FakeAnswer::Says(vec!["Hello, ".into(), "Zoë!".into()])).await;
    let reply = reply.unwrap();
    assert_eq!(heard, ["Hello, ", "Zoë!"]);
    assert_eq!(reply.text, "Hello, Zoë!");
    assert_eq!(reply.finish, FinishReason::Stop);
    assert_eq!(reply.usage, TokenUsage { input: 12, output: 7 });
    assert_eq!(reply.model, "gpt-4.1-mini");
    assert!(reply.tool_calls.is_empty());
}

#[tokio::test]
async fn a_letter_that_comes_in_pieces_arrives_whole() {
    for bytes in [1, 2, 3, 7] {
        let answer = Box::new(FakeAnswer::Says(vec!["Grüß ".into(), "Gott 🐆".into()]));
        let (reply, heard) = ask(FakeAnswer::InPiecesOf { bytes, answer }).await;
        assert_eq!(reply.unwrap().text, "Grüß Gott 🐆", "{bytes}");
        assert_eq!(heard, ["Grüß ", "Gott 🐆"], "{bytes}");
    }
}

#[tokio::test]
async fn a_call_in_the_middle_of_words_is_not_lost() {
    let arguments = json!({ "name": "Ann", "days": 2 });
    let (reply, heard) = ask(FakeAnswer::CallsTool {
        name: "capture_lead".into(),
        arguments: arguments.clone(),
        text_before: "One moment, ".into(),
        text_after: "done.".into(),
    })
    .await;
    let reply = reply.unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("One moment, done.", FinishReason::ToolCalls));
    assert_eq!(heard, ["One moment, ", "done."]);
    assert_eq!(reply.tool_calls.len(), 1);
    assert_eq!(reply.tool_calls[0].name, "capture_lead");
    assert_eq!(reply.tool_calls[0].arguments, arguments);
    assert_eq!(reply.tool_calls[0].id, "call_fake_1");
}

#[tokio::test]
async fn a_tool_that_nobody_offered_is_passed_on_for_the_use_case_to_judge() {
    let (reply, _) = ask(FakeAnswer::UnknownTool).await;
    let reply = reply.unwrap();
    assert_eq!(reply.tool_calls[0].name, "launch_rocket");
    assert_eq!(reply.text, "");
}

#[tokio::test]
async fn thoughts_are_not_said() {
    let (reply, heard) = ask(FakeAnswer::Thinks { thoughts: "Hm.".into(), text: "Yes.".into() }).await;
    assert_eq!(reply.unwrap().text, "Yes.");
    assert_eq!(heard, ["Yes."]);
}

#[tokio::test]
async fn an_answer_that_is_cut_for_length_says_so() {
    let (reply, _) = ask(FakeAnswer::Finishes { text: "And so".into(), reason: "length".into() }).await;
    let reply = reply.unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("And so", FinishReason::Length));
}

#[tokio::test]
async fn json_arrives_as_it_is() {
    let value = json!({ "name": "Ann", "score": 7 });
    let (reply, _) = ask(FakeAnswer::Structured(value.clone())).await;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&reply.unwrap().text).unwrap(), value);
}

#[tokio::test]
async fn calls_that_are_written_at_once_are_told_apart() {
    let calls = [("capture_lead", json!({ "name": "Zoë 🐆" })), ("hand_off", json!({}))];
    let scripted = calls.iter().map(|(name, arguments)| ((*name).to_owned(), arguments.clone()));
    let (reply, _) = ask(FakeAnswer::CallsTools(scripted.collect())).await;
    let told = reply.unwrap().tool_calls.into_iter().map(|call| (call.name, call.arguments, call.id));
    let expected = [
        ("capture_lead".to_owned(), calls[0].1.clone(), "call_fake_1".to_owned()),
        ("hand_off".to_owned(), json!({}), "call_fake_2".to_owned()),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn arguments_that_cannot_be_read_stay_a_text_of_some_length() {
    for (written, expected) in [
        ("{\"name\": \"An".to_owned(), json!("{\"name\": \"An")),
        ("ö".repeat(2000), json!("ö".repeat(1000))),
        (String::new(), json!({})),
    ] {
        let bad = FakeAnswer::CallsToolBadly { name: "capture_lead".into(), arguments: written };
        let (reply, _) = ask(bad).await;
        assert_eq!(reply.unwrap().tool_calls[0].arguments, expected);
    }
}

fn events(pieces: &[serde_json::Value]) -> String {
    pieces.iter().map(|piece| ["data: ", &piece.to_string(), "\n\n"].concat()).collect()
}

fn call_piece(call: &serde_json::Value) -> serde_json::Value {
    json!({ "choices": [{ "delta": { "tool_calls": [call] } }] })
}

#[tokio::test]
async fn pieces_of_calls_find_their_call_by_its_index() {
    let ended = json!({ "choices": [{ "delta": {}, "finish_reason": "tool_calls" }] });
    let pieces = [
        json!({ "index": 0, "id": "a", "function": { "name": "one", "arguments": "{\"x\"" } }),
        json!({ "index": 1, "id": "b", "function": { "name": "two", "arguments": "{\"y\"" } }),
        json!({ "index": 0, "function": { "arguments": ":1}" } }),
        json!({ "index": 1, "function": { "arguments": ":2}" } }),
    ];
    let pieces: Vec<_> = pieces.iter().map(call_piece).chain([ended]).collect();
    let (reply, _) = ask(FakeAnswer::Raw(events(&pieces))).await;
    let calls = reply.unwrap().tool_calls;
    assert_eq!(calls.iter().map(|call| call.name.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(calls[0].arguments, json!({ "x": 1 }));
    assert_eq!(calls[1].arguments, json!({ "y": 2 }));
}

/// Some servers number no calls, and some give them no ids.
#[tokio::test]
async fn calls_without_an_index_or_an_id_are_told_apart() {
    let ended = json!({ "choices": [{ "finish_reason": "stop" }] });
    let unnumbered = [
        json!({ "id": "a", "function": { "name": "one", "arguments": "{}" } }),
        json!({ "id": "b", "function": { "name": "two", "arguments": "{" } }),
        json!({ "function": { "arguments": "}" } }),
    ];
    let nameless = [
        json!({ "index": 0, "function": { "name": "one", "arguments": "{}" } }),
        json!({ "index": 1, "function": { "name": "two", "arguments": "{}" } }),
    ];
    for (pieces, ids) in [(unnumbered.to_vec(), ["a", "b"]), (nameless.to_vec(), ["call-1", "call-2"])] {
        let pieces: Vec<_> = pieces.iter().map(call_piece).chain([ended.clone()]).collect();
        let reply = ask(FakeAnswer::Raw(events(&pieces))).await.0.unwrap();
        assert_eq!(reply.finish, FinishReason::ToolCalls);
        let calls = reply.tool_calls;
        assert_eq!(calls.iter().map(|call| call.id.as_str()).collect::<Vec<_>>(), ids);
        assert_eq!(calls[1].arguments, json!({}));
    }
}

#[tokio::test]
async fn a_stream_that_is_done_is_not_waited_for() {
    let said = json!({ "choices": [{ "delta": { "content": "Hi" }, "finish_reason": "stop" }] });
    let raw = format!("{}data: [DONE]\n\n", events(&[said]));
    let asking = tokio::time::timeout(std::time::Duration::from_secs(10), ask(FakeAnswer::RawThenHangs(raw)));
    let (reply, _) = asking.await.unwrap();
    assert_eq!(reply.unwrap().text, "Hi");
}
