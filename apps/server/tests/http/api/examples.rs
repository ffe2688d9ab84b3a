//! `/api/v1/tenants/{tenant_id}/examples`, and the gate before publishing.

use serde_json::{Value, json};

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
async fn an_example_from_a_conversation_names_nobody() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    business.text_from_customer(&world, "SM77", "Call me at +15557654321 or ann@example.org").await;
    world.pass(1);
    let body = json!({
        "conversation_id": business.conversation_id(&world).await, "name": "Call back",
        "expectations": [{"kind": "must_hand_off"}], "weight": "informing"
    });
    let made = call(&world, &business, "/examples/from-conversation", &body).await.expect(201);
    let lines: Vec<_> =
        made["transcript"].as_array().unwrap().iter().map(|line| text(&line["text"])).collect();
    assert_eq!(lines, ["Do you fix sinks?", "Call me at [phone] or [email]"]);
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
