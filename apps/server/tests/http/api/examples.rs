//! `/api/v1/tenants/{tenant_id}/examples`, and the gate before publishing.

use std::{sync::Arc, time::Duration};

use actix_web::rt;
use conversation::ModelError;
use kernel::{PageRequest, TenantId};
use lead::{Lead, LeadFilter, LeadStore};
use serde_json::{Value, json};
use tenancy::testing::scope;
use tokio_util::sync::CancellationToken;

use crate::support::{Answer, Business, World, text};

async fn call(world: &World, business: &Business, path: &str, body: &Value) -> Answer {
    world.post(&business.path(path)).key(&business.key).json(body).send().await
}

async fn example(world: &World, business: &Business, expectations: Value) -> String {
    let body = json!({
        "name": "Opening", "transcript": [{"author": "contact", "text": "When do you open?"}],
        "expectations": expectations
    });
    text(&call(world, business, "/examples", &body).await.expect(201)["id"])
}

async fn tried(world: &World, business: &Business, content: &str) -> String {
    let body = json!({"channel": "chat", "sections": [{"key": "hours", "order": 1, "content": content}]});
    let id = text(&call(world, business, "/prompts", &body).await.expect(201)["id"]);
    call(world, business, &format!("/prompts/{id}/submit"), &json!({})).await.expect(200);
    id
}

async fn run(world: &World, business: &Business, id: &str, mode: &str) -> Value {
    let answer = call(world, business, &format!("/prompts/{id}/runs"), &json!({"mode": mode})).await;
    answer.expect(200)["items"][0].clone()
}

#[actix_web::test]
async fn a_version_that_breaks_a_blocking_example_is_not_published_and_one_that_mends_it_is() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let blocking = example(&world, &business, json!([{"kind": "must_mention", "text": "nine"}])).await;
    let broken = tried(&world, &business, "Never say when we open.").await;
    let publish =
        async |id: &str| call(&world, &business, &format!("/prompts/{id}/publish"), &json!({})).await;
    let refused = publish(&broken).await.expect_problem(409, "blocked_by_examples");
    assert_eq!(refused["errors"], json!([{"field": blocking, "message": "not_run: Opening"}]));
    world.model.then_says("I may not say.");
    let result = run(&world, &business, &broken, "fresh").await;
    assert_eq!((&result["verdict"], &result["checks"][0]["outcome"]), (&json!("red"), &json!("missed")));
    assert_eq!(result["answer"]["reply_text"], "I may not say.");
    let refused = publish(&broken).await.expect_problem(409, "blocked_by_examples");
    assert_eq!(refused["errors"][0]["message"], "red: Opening");

    let mended = tried(&world, &business, "We open at nine.").await;
    world.model.then_says("At nine.");
    assert_eq!(run(&world, &business, &mended, "fresh").await["verdict"], "green");
    assert_eq!(publish(&mended).await.expect(200)["status"], "production");
    let shown = business.items(&world, &business.path(&format!("/prompts/{mended}/runs"))).await;
    assert_eq!((shown.len(), &shown[0]["example_id"]), (1, &json!(blocking)));
}

#[actix_web::test]
async fn a_draft_that_broke_a_blocking_example_is_published_once_it_was_mended_and_tried_again() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let blocking = example(&world, &business, json!([{"kind": "must_mention", "text": "nine"}])).await;
    let body = |content: &str| json!([{"key": "hours", "order": 1, "content": content}]);
    let draft = json!({"channel": "chat", "sections": body("Never say when we open.")});
    let id = text(&call(&world, &business, "/prompts", &draft).await.expect(201)["id"]);
    world.model.then_says("I may not say.");
    assert_eq!(run(&world, &business, &id, "fresh").await["verdict"], "red");
    let mended = json!({"revision": 0, "sections": body("We open at nine.")});
    let path = business.path(&format!("/prompts/{id}"));
    world.patch(&path).key(&business.key).json(&mended).send().await.expect(200);
    call(&world, &business, &format!("/prompts/{id}/submit"), &json!({})).await.expect(200);
    let publish = async || call(&world, &business, &format!("/prompts/{id}/publish"), &json!({})).await;
    let refused = publish().await.expect_problem(409, "blocked_by_examples");
    assert_eq!(refused["errors"], json!([{"field": blocking, "message": "outdated: Opening"}]));
    assert_eq!(world.get(&path).key(&business.key).send().await.expect(200)["status"], "testing");
    world.model.then_says("At nine.");
    assert_eq!(run(&world, &business, &id, "fresh").await["verdict"], "green");
    assert_eq!(publish().await.expect(200)["status"], "production");
}

#[actix_web::test]
async fn a_recorded_run_asks_nobody_twice_and_a_judged_one_asks_a_model() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    example(&world, &business, json!([{"kind": "judged", "text": "It is kind"}])).await;
    let id = tried(&world, &business, "Be kind.").await;
    world.model.then_says("Gladly: at nine.");
    world.model.then_says(r#"{"passes": true, "reason": "It says gladly."}"#);
    let first = run(&world, &business, &id, "recorded").await;
    assert_eq!(
        (&first["verdict"], &first["checks"][0]["reason"]),
        (&json!("green"), &json!("It says gladly."))
    );
    let asked = world.model.requests();
    let judge = asked.last().unwrap();
    assert!(judge.output.is_some() && judge.transcript[0].text.contains("Gladly: at nine."));
    let again = run(&world, &business, &id, "recorded").await;
    assert_eq!(again["answer"], first["answer"]);
    assert_eq!(world.model.requests().len(), asked.len());
    world.model.then_says("At ten.");
    world.model.then_says("no judgement");
    let failed = run(&world, &business, &id, "fresh").await;
    assert_eq!((&failed["verdict"], &failed["failure"]), (&json!("failed"), &json!("unavailable")));
}

#[actix_web::test]
async fn an_example_is_judged_by_what_a_customer_would_get() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    example(&world, &business, json!([{"kind": "must_not_mention", "text": "evil.example"}])).await;
    let id = tried(&world, &business, "Be kind.").await;
    world.model.then_says("Look at https://evil.example/hours");
    let result = run(&world, &business, &id, "fresh").await;
    assert_eq!(result["answer"]["reply_text"], "Look at [link removed]");
    assert_eq!(result["verdict"], "green");
    world.model.then_repeats_its_instructions();
    let result = run(&world, &business, &id, "fresh").await;
    assert!(text(&result["answer"]["reply_text"]).starts_with("Sorry, I cannot help with that."), "{result}");
}

#[actix_web::test]
async fn a_call_that_a_turn_refuses_is_refused_in_the_same_words_and_counts_for_nothing() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let call = |tool: &str| json!({"kind": "must_call_tool", "text": tool});
    let expected = json!([call("set_language"), call("book_a_visit"), call("request_handoff"), {"kind": "must_hand_off"}]);
    example(&world, &business, expected).await;
    let id = tried(&world, &business, "Hand over.").await;
    world.model.then_calls("request_handoff", json!({"reason": "because"}));
    world.model.then_calls("book_a_visit", json!({}));
    world.model.then_calls("set_language", json!({"language": "plain English"}));
    world.model.then_says("Somebody will call.");
    let result = run(&world, &business, &id, "fresh").await;
    let outcomes: Vec<_> =
        result["checks"].as_array().unwrap().iter().map(|check| &check["outcome"]).collect();
    assert_eq!((&result["verdict"], json!(outcomes)), (&json!("red"), json!(vec!["missed"; 4])));
    assert_eq!(
        (&result["answer"]["tool_calls"], &result["answer"]["handed_off"]),
        (&json!([]), &json!(false))
    );
    let asked = world.model.requests();
    let told = asked.last().unwrap().rounds.iter().flat_map(|round| &round.results);
    let told: Vec<_> = told.map(|result| (result.is_error, text(&result.content["error"]))).collect();
    let why = [
        "the arguments do not fit",
        "there is no such tool",
        "language must be a BCP 47 tag, as in es or pt-BR",
    ];
    assert_eq!(told, why.map(|why| (true, why.to_owned())));

    world.model.then_calls("set_language", json!({"language": "es"}));
    world.model.then_calls("request_handoff", json!({"reason": "asked"}));
    let result = run(&world, &business, &id, "fresh").await;
    let called: Vec<_> =
        result["answer"]["tool_calls"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(
        (json!(called), &result["answer"]["handed_off"]),
        (json!(["set_language", "request_handoff"]), &json!(true))
    );
}

#[actix_web::test]
async fn an_answer_that_the_models_own_rules_forbid_hands_over_as_in_a_turn() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let expected = json!([{"kind": "must_hand_off"}, {"kind": "must_not_call_tool", "text": "set_language"}]);
    example(&world, &business, expected).await;
    let id = tried(&world, &business, "Be kind.").await;
    world.model.then_calls("set_language", json!({"language": "es"}));
    world.model.then_fails(ModelError::Blocked { reason: "SAFETY".into() });
    let result = run(&world, &business, &id, "fresh").await;
    assert_eq!((&result["verdict"], &result["answer"]["tool_calls"]), (&json!("green"), &json!([])));
    assert!(text(&result["answer"]["reply_text"]).contains("Bristol"), "{result}");
}

/// Waits for the worker to answer, and to make of it what is known of the lead.
async fn until_a_lead_is_called(leads: &dyn LeadStore, business: &Business, name: &str) {
    let scope = scope(TenantId::new(business.id.parse().unwrap()));
    for _ in 0..1_500 {
        let found = leads.list(&scope, &LeadFilter::default(), &PageRequest::default()).await.unwrap();
        let mut names = found.items.iter().flat_map(Lead::names);
        if names.any(|one| one.value() == name) {
            return;
        }
        rt::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody is called {name}");
}

#[actix_web::test]
async fn an_example_from_a_conversation_names_nobody() {
    let mut leads = None;
    let world = World::with(|_, ports| leads = Some(Arc::clone(&ports.stores.leads)));
    let leads = leads.unwrap();
    let business = world.business("Bristol", "+15551230000").await;
    // The receptionist notes one name as the contact's, and after it another.
    let stop = CancellationToken::new();
    let working = rt::spawn(Arc::clone(&world.worker).run(stop.clone()));
    for (sid, said, name) in
        [("SM76", "My name is Ann Baker", "Ann Baker"), ("SM77", "No, ask for Zoe Miller", "Zoe Miller")]
    {
        world.model.then_calls("capture_lead", json!({"name": name}));
        world.model.then_says("Noted.");
        assert_eq!(business.text_from_customer(&world, sid, said).await, 200);
        world.pass(60);
        until_a_lead_is_called(&*leads, &business, name).await;
    }
    stop.cancel();
    working.await.unwrap();
    business.text_from_customer(&world, "SM78", "Call me at +15557654321 or ann@example.org").await;
    world.pass(1);
    let body = json!({
        "conversation_id": business.conversation_id(&world).await, "name": "Call back",
        "expectations": [{"kind": "must_hand_off"}], "weight": "informing"
    });
    let made = call(&world, &business, "/examples/from-conversation", &body).await.expect(201);
    let lines: Vec<_> =
        made["transcript"].as_array().unwrap().iter().map(|line| text(&line["text"])).collect();
    assert!(lines.iter().any(|line| line == "My name is [name]"), "{lines:?}");
    assert!(lines.iter().any(|line| line == "No, ask for [name]"), "{lines:?}");
    assert_eq!(lines.last().unwrap(), "Call me at [phone] or [email]");
    assert_eq!((&made["channel"], &made["conversation_id"]), (&json!("sms"), &body["conversation_id"]));
    let log = business.items(&world, &business.path("/audit-log?limit=1")).await;
    assert_eq!((&log[0]["action"], &log[0]["resource_id"]), (&json!("example.created"), &made["id"]));
    let nobody =
        json!({"conversation_id": uuid::Uuid::now_v7(), "name": "x", "expectations": body["expectations"]});
    call(&world, &business, "/examples/from-conversation", &nobody).await.expect_problem(404, "not_found");
    let other = world.business("Exeter", "+15551230001").await;
    call(&world, &other, "/examples/from-conversation", &body).await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn an_example_is_replaced_and_removed() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = example(&world, &business, json!([{"kind": "must_hand_off"}])).await;
    let path = business.path(&format!("/examples/{id}"));
    let body = json!({
        "name": "Closing", "channel": "sms", "transcript": [{"author": "contact", "text": "When do you close?"}],
        "expectations": [{"kind": "must_not_mention", "text": "nine"}], "weight": "informing"
    });
    let put = world.put(&path).key(&business.key).json(&body).send().await.expect(200);
    assert_eq!(world.get(&path).key(&business.key).send().await.expect(200), put);
    assert_eq!((&put["name"], &put["weight"]), (&json!("Closing"), &json!("informing")));
    assert_eq!(world.delete(&path).key(&business.key).send().await.status, 204);
    world.get(&path).key(&business.key).send().await.expect_problem(404, "not_found");
}
