//! Web chat: answered inside the request, one thread a session.

use serde_json::{Value, json};

use server::demo::BUSINESS_NUMBER;

use crate::{
    one_person::{SECOND_NUMBER, only_lead, second_number},
    rig::Rig,
};

/// Lets a visitor write to the first server, which answers in the request.
pub(crate) async fn chat(rig: &Rig, session: &str, text: &str) -> Value {
    let token = rig.demo["widget_token"].as_str().unwrap();
    let request = rig.http.post(rig.url("/api/v1/chat")).header("X-Widget-Token", token);
    let response = request.json(&json!({ "session_id": session, "text": text })).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    response.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_one_conversation_that_remembers() {
    let rig = Rig::start();
    let first = chat(&rig, "visitor-1", "Hi, my name is Ann").await;
    let second = chat(&rig, "visitor-1", "What's my name?").await;
    assert_eq!(first["conversation_id"], second["conversation_id"]);
    assert!(second["reply_text"].as_str().unwrap().contains("Ann"), "{second}");
    let other = chat(&rig, "visitor-2", "What's my name?").await;
    assert_ne!(other["conversation_id"], first["conversation_id"]);
    assert!(!other["reply_text"].as_str().unwrap().contains("Ann"), "{other}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_one_session_stays_one_conversation_and_every_message_is_answered() {
    let rig = Rig::start();
    let texts = ["hello", "what are your hours?", "where are you?", "do you clean drains?"];
    let answers = futures_util::future::join_all(texts.map(|text| chat(&rig, "burst", text))).await;
    for answer in &answers {
        assert_eq!(answer["conversation_id"], answers[0]["conversation_id"]);
        assert!(!answer["reply_text"].as_str().unwrap().is_empty(), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visitor_corrects_stays_corrected() {
    let rig = Rig::start();
    for text in ["My email is zoe@a.com", "Sorry, it is ann@a.com", "Thanks", "My phone is +15555550931"] {
        chat(&rig, "visitor-1", text).await;
    }
    let lead = only_lead(&rig, |lead| lead["phone"] == "+15555550931").await;
    assert_eq!(lead["email"], "ann@a.com", "{lead}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_names_the_businesss_numbers_has_none_of_them() {
    let rig = Rig::start();
    second_number(&rig).await;
    let text = format!("I called {BUSINESS_NUMBER} and {SECOND_NUMBER}. Write to ann@a.com");
    chat(&rig, "visitor-1", &text).await;
    let lead = only_lead(&rig, |lead| lead["email"] == "ann@a.com").await;
    assert!(lead["facts"].as_array().unwrap().iter().all(|fact| fact["field"] != "phone"), "{lead}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nobody_chats() {
    let rig = Rig::start();
    let body = json!({ "session_id": "x", "text": "hello" });
    let response = rig.http.post(rig.url("/api/v1/chat")).json(&body).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 401);
}
