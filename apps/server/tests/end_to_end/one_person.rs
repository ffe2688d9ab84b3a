//! Whoever writes is one lead, however many messages, channels and servers it takes, and keeps the better name.

use std::time::Duration;

use futures_util::future::join_all;
use harness::ServerSpec;
use model_fakes::{FakeAnswer, FakeModelServer};
use serde_json::{Value, json};
use server::demo::BUSINESS_NUMBER;

use crate::rig::Rig;

const PHONE: &str = "+15555550900";
pub(crate) const SECOND_NUMBER: &str = "+15555550199";
/// What one person tells, a piece a message.
const TOLD: [&str; 4] = [
    "My name is Ann Baker.",
    "Write to Ann.Baker@example.com",
    "My number is (555) 555-0900",
    "I need a new boiler.",
];
const SESSIONS: usize = 6;

/// Binds another number to the demo tenant.
pub(crate) async fn second_number(rig: &Rig) {
    let path = format!("/api/v1/tenants/{}/channels", rig.demo["tenant_id"].as_str().unwrap());
    let body = json!({"channel": "sms", "provider": "twilio", "address": SECOND_NUMBER});
    let request = rig.http.post(rig.url(&path)).header("X-Admin-API-Key", &rig.admin_key).json(&body);
    assert_eq!(request.send().await.unwrap().status().as_u16(), 201);
}

async fn text(rig: &Rig, number: &str, count: usize) {
    let words = format!("{} ({count})", TOLD[count % TOLD.len()]);
    let sid = format!("SM{}", uuid::Uuid::now_v7().simple());
    assert_eq!(rig.text_to(number, (PHONE, &words), &sid).await, 200);
}

async fn chat(rig: &Rig, count: usize) {
    let servers = rig.base_urls();
    let url = format!("{}/api/v1/chat", servers[count % servers.len()]);
    let token = rig.demo["widget_token"].as_str().unwrap();
    let session = format!("visitor-{}", count % SESSIONS);
    let body = json!({"session_id": session, "text": TOLD[count / SESSIONS % TOLD.len()]});
    let answer = rig.http.post(url).header("X-Widget-Token", token).json(&body).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
}

async fn leads(rig: &Rig) -> Vec<Value> {
    rig.get("/api/v1/leads").await["items"].as_array().unwrap().clone()
}

async fn lead(rig: &Rig, id: &Value) -> Value {
    rig.get(&format!("/api/v1/leads/{}", id.as_str().unwrap())).await
}

/// Waits until there is one lead, and it is as wanted.
pub(crate) async fn only_lead(rig: &Rig, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let mut seen = Vec::new();
    for _ in 0..1_200 {
        seen = leads(rig).await;
        if let [one] = seen.as_slice() {
            let shown = lead(rig, &one["id"]).await;
            if is_wanted(&shown) {
                return shown;
            }
            seen = vec![shown];
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("there are {seen:#?}; log:\n{}", rig.server.log().unwrap());
}

fn names(lead: &Value) -> Vec<&str> {
    lead["names"].as_array().unwrap().iter().map(|name| name["value"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_messages_at_once_by_two_numbers_and_a_chat_are_one_lead_that_knows_everything() {
    let rig = Rig::start();
    second_number(&rig).await;
    let first = join_all((0..70).map(|count| text(&rig, BUSINESS_NUMBER, count)));
    let second = join_all((0..70).map(|count| text(&rig, SECOND_NUMBER, count)));
    let chats = join_all((0..60).map(|count| chat(&rig, count)));
    futures_util::join!(first, second, chats);
    let conversations = 2 + SESSIONS;
    let is_whole = |lead: &Value| {
        lead["conversation_ids"].as_array().unwrap().len() == conversations
            && ["name", "email", "phone", "need"].iter().all(|field| lead[field].is_string())
    };
    only_lead(&rig, is_whole).await;
    rig.settle().await;
    let lead = only_lead(&rig, is_whole).await;
    for (field, value) in [
        ("name", "Ann Baker"),
        ("email", "ann.baker@example.com"),
        ("phone", PHONE),
        ("need", "a new boiler"),
        ("status", "new"),
    ] {
        assert_eq!(lead[field], value, "{lead:#}");
    }
    assert!(names(&lead).iter().all(|name| *name == "Ann Baker"), "{lead:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_on_one_number_is_one_lead_and_keeps_its_three_names() {
    let rig = Rig::start();
    for words in ["Hi, my name is Ann Baker", "My name is Bob Baker", "Hello, my name is Cid Baker"] {
        rig.ask(PHONE, words).await;
    }
    let told = ["Ann Baker", "Bob Baker", "Cid Baker"];
    let is_whole = |lead: &Value| told.iter().all(|name| names(lead).contains(name));
    let lead = only_lead(&rig, is_whole).await;
    assert_eq!((&lead["name"], &lead["phone"]), (&json!("Ann Baker"), &json!(PHONE)), "{lead:#}");
    assert!(names(&lead).iter().all(|name| told.contains(name)), "{lead:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_from_a_weaker_source_is_kept_beside_the_stronger_one_and_never_in_its_place() {
    let model = FakeModelServer::start().await.unwrap();
    let base = model.gemini_base().to_string();
    let rig = Rig::start_with(move |spec: ServerSpec| {
        spec.with("GEMINI_API_KEY", "key").with("GEMINI_API_BASE", &*base)
    });
    let understands = |name: &str| {
        model.then(FakeAnswer::CallsTool {
            name: "capture_lead".into(),
            arguments: json!({"name": name}),
            text_before: "One moment.".into(),
            text_after: String::new(),
        });
        model.then(FakeAnswer::says("Noted."));
    };
    let source = |lead: &Value| {
        let facts = lead["facts"].as_array().unwrap().clone();
        facts.into_iter().find(|fact| fact["field"] == "name").unwrap()["source"].clone()
    };
    understands("Hannah");
    rig.ask(PHONE, "It's me again").await;
    let lead = only_lead(&rig, |lead| lead["name"] == "Hannah").await;
    assert_eq!(source(&lead), "model");

    understands("Anna Bakehouse");
    rig.ask(PHONE, "My name is Ann Baker").await;
    let is_heard = |lead: &Value| names(lead).contains(&"Anna Bakehouse");
    let lead = only_lead(&rig, is_heard).await;
    assert_eq!((&lead["name"], source(&lead)), (&json!("Ann Baker"), json!("pattern")), "{lead:#}");

    let path = format!("/api/v1/leads/{}", lead["id"].as_str().unwrap());
    let key = rig.demo["api_key"].as_str().unwrap();
    let typed = rig.http.patch(rig.url(&path)).header("X-API-Key", key).json(&json!({"name": "Ann Smith"}));
    assert_eq!(typed.send().await.unwrap().status().as_u16(), 200);
    understands("Eve");
    rig.ask(PHONE, "My name is Eve Adams").await;
    let lead = only_lead(&rig, |lead| names(lead).contains(&"Eve Adams")).await;
    assert_eq!((&lead["name"], source(&lead)), (&json!("Ann Smith"), json!("person")), "{lead:#}");
    let all = names(&lead);
    assert!(
        ["Hannah", "Ann Baker", "Anna Bakehouse", "Ann Smith", "Eve"].iter().all(|name| all.contains(name)),
        "{lead:#}"
    );
}
