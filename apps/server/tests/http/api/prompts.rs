//! `/api/v1/tenants/{tenant_id}/prompts` and `/api/v1/admin/prompts`

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Business, World, faulty_fields, text};

fn says(content: &str) -> Value {
    json!({"channel": "chat", "sections": [{"key": "tone", "order": 10, "content": content}]})
}

async fn drafted(world: &World, business: &Business, body: &Value) -> String {
    let made = world.post(&business.path("/prompts")).key(&business.key).json(body).send().await;
    text(&made.expect(201)["id"])
}

async fn step(world: &World, business: &Business, id: &str, step: &str) -> Answer {
    world.post(&business.path(&format!("/prompts/{id}/{step}"))).key(&business.key).send().await
}

async fn published(world: &World, business: &Business, body: &Value) -> String {
    let id = drafted(world, business, body).await;
    for one in ["submit", "publish"] {
        step(world, business, &id, one).await.expect(200);
    }
    id
}

/// Says something in a chat on the business's page, and returns what the model was told.
async fn told_in_a_chat(world: &World, business: &Business) -> String {
    let page = json!({"name": "site", "allowed_origins": ["*"]});
    let page = world.post(&business.path("/widget-tokens")).operator().json(&page).send().await.expect(201);
    let said = json!({"session_id": Uuid::now_v7().to_string(), "text": "Hello?"});
    let token = text(&page["token"]);
    world.post("/api/v1/chat").header("X-Widget-Token", &token).json(&said).send().await.expect(200);
    world.model.requests().last().unwrap().instructions.clone()
}

#[actix_web::test]
async fn what_a_tenant_publishes_changes_its_next_turn_and_no_others() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    let first = published(&world, &own, &says("Answer {{ business.name }}'s customers in rhymes.")).await;
    let told = told_in_a_chat(&world, &own).await;
    assert!(told.contains("Answer Bristol's customers in rhymes."), "{told}");
    assert!(!told_in_a_chat(&world, &other).await.contains("in rhymes"));
    published(&world, &own, &says("Answer in prose.")).await;
    let told = told_in_a_chat(&world, &own).await;
    assert!(told.contains("Answer in prose.") && !told.contains("in rhymes"), "{told}");
    step(&world, &own, &first, "roll-back").await.expect(200);
    assert!(told_in_a_chat(&world, &own).await.contains("in rhymes"));
}

#[actix_web::test]
async fn what_the_platform_publishes_is_every_tenants_and_a_tenant_may_say_it_otherwise() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    let base = json!({"channel": "all", "sections": [{"key": "tone", "order": 1, "content": "Be formal."}]});
    let made = world.post("/api/v1/admin/prompts").operator().json(&base).send().await.expect(201);
    let path = format!("/api/v1/admin/prompts/{}", text(&made["id"]));
    for one in ["submit", "publish"] {
        world.post(&format!("{path}/{one}")).operator().send().await.expect(200);
    }
    assert_eq!(world.get(&path).operator().send().await.expect(200)["status"], "production");
    for business in [&own, &other] {
        assert!(told_in_a_chat(&world, business).await.contains("Be formal."));
    }
    published(&world, &own, &says("Be merry.")).await;
    let told = told_in_a_chat(&world, &own).await;
    assert!(told.contains("Be merry.") && !told.contains("Be formal."), "{told}");
    assert!(told_in_a_chat(&world, &other).await.contains("Be formal."));
}

#[actix_web::test]
async fn a_name_that_there_is_not_is_told_with_its_section_and_line() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let body = says("Be kind.\nYou answer for {{ business.nam }}.");
    let refused = world.post(&business.path("/prompts")).key(&business.key).json(&body).send().await;
    let problem = refused.expect_problem(400, "invalid_request");
    assert_eq!(faulty_fields(&problem), ["tone"]);
    let message = text(&problem["errors"][0]["message"]);
    assert!(message.starts_with("line 2: ") && message.contains("business.nam"), "{message}");
}

#[actix_web::test]
async fn a_draft_is_changed_by_whoever_has_read_it_and_never_once_it_was_submitted() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = drafted(&world, &business, &says("Be kind.")).await;
    let path = business.path(&format!("/prompts/{id}"));
    let change = async |body: Value| world.patch(&path).key(&business.key).json(&body).send().await;
    let changed = change(json!({"revision": 0, "suffix": "Goodbye."})).await.expect(200);
    assert_eq!(changed["sections"][0]["content"], "Be kind.");
    assert_eq!((&changed["suffix"], &changed["revision"]), (&json!("Goodbye."), &json!(1)));
    change(json!({"revision": 0, "note": "late"})).await.expect_problem(409, "conflict");
    step(&world, &business, &id, "publish").await.expect_problem(409, "wrong_status");
    step(&world, &business, &id, "submit").await.expect(200);
    change(json!({"revision": 2, "note": "late"})).await.expect_problem(409, "wrong_status");
    let again = drafted(&world, &business, &json!({"from": id})).await;
    let shown = world.get(&business.path(&format!("/prompts/{again}"))).key(&business.key).send().await;
    let shown = shown.expect(200);
    assert_eq!((&shown["number"], &shown["based_on"]), (&json!(2), &json!(1)));
    let listed = business.items(&world, &business.path("/prompts?channel=chat")).await;
    assert_eq!(listed.iter().map(|one| &one["number"]).collect::<Vec<_>>(), [2, 1]);
    assert!(business.items(&world, &business.path("/prompts?channel=sms")).await.is_empty());
}

#[actix_web::test]
async fn two_versions_are_compared_by_id_and_by_number() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let first = drafted(&world, &business, &says("Be kind.\nBe brief.")).await;
    let second = drafted(&world, &business, &says("Be kind.\nBe long.")).await;
    let other_channel = json!({"channel": "sms", "sections": []});
    drafted(&world, &business, &other_channel).await;
    let compare = async |against: &str| {
        let path = business.path(&format!("/prompts/{second}/diff?against={against}"));
        world.get(&path).key(&business.key).send().await
    };
    let by_id = compare(&first).await.expect(200);
    assert_eq!(by_id["sections"][0]["change"], "changed");
    assert_eq!(
        by_id["sections"][0]["lines"],
        json!([
            {"change": "kept", "text": "Be kind."},
            {"change": "removed", "text": "Be brief."},
            {"change": "added", "text": "Be long."},
        ])
    );
    assert_eq!(compare("1").await.expect(200), by_id);
    compare("3").await.expect_problem(404, "not_found");
    compare("none").await.expect_problem(400, "invalid_request");
}

#[actix_web::test]
async fn two_versions_of_the_platform_are_compared_by_id_and_by_number() {
    let world = World::new();
    let draft = async |content: &str| {
        let body = json!({"channel": "all", "sections": [{"key": "tone", "order": 1, "content": content}]});
        text(&world.post("/api/v1/admin/prompts").operator().json(&body).send().await.expect(201)["id"])
    };
    let (first, second) = (draft("Be kind.\nBe brief.").await, draft("Be kind.\nBe long.").await);
    let compare = async |against: &str| {
        let path = format!("/api/v1/admin/prompts/{second}/diff?against={against}");
        world.get(&path).operator().send().await
    };
    let by_id = compare(&first).await.expect(200);
    assert_eq!(
        by_id["sections"][0]["lines"],
        json!([
            {"change": "kept", "text": "Be kind."},
            {"change": "removed", "text": "Be brief."},
            {"change": "added", "text": "Be long."},
        ])
    );
    assert_eq!(compare("1").await.expect(200), by_id);
    compare("3").await.expect_problem(404, "not_found");
    compare("none").await.expect_problem(400, "invalid_request");
    let business = world.business("Bristol", "+15551230000").await;
    let of_a_tenant = drafted(&world, &business, &says("Be kind.")).await;
    compare(&of_a_tenant).await.expect_problem(404, "not_found");
    let path = format!("/api/v1/admin/prompts/{of_a_tenant}/diff?against={first}");
    world.get(&path).operator().send().await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn a_composed_prompt_says_where_each_part_comes_from() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = drafted(&world, &business, &says("Call them {{ contact.name | default(\"friend\") }}.")).await;
    let path = business.path(&format!("/prompts/{id}/compose"));
    let body = json!({"contact": {"name": "Ann"}});
    let composed = world.post(&path).key(&business.key).json(&body).send().await.expect(200);
    let part = &composed["parts"][0];
    assert_eq!(part["text"], "Call them Ann.");
    let origin = json!({"kind": "tenant", "key": "tone", "version_id": id, "version_number": 1});
    assert_eq!(part["origin"], origin);
    let kinds: Vec<_> =
        composed["parts"].as_array().unwrap().iter().map(|part| text(&part["origin"]["kind"])).collect();
    assert_eq!(kinds, ["tenant", "ai_profile", "business_profile", "contact", "tools", "guard"]);
    let whole = text(&composed["text"]);
    assert!(whole.starts_with("Call them Ann.") && composed["tokens"].as_u64().unwrap() > 20);
    let elsewhere = world.post(&path).key(&business.key).json(&json!({"channel": "sms"})).send().await;
    assert_eq!(faulty_fields(&elsewhere.expect_problem(400, "invalid_request")), ["channel"]);
}

#[actix_web::test]
async fn a_test_asks_the_model_and_does_nothing_of_what_it_wants() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = drafted(&world, &business, &says("Be kind.")).await;
    let path = business.path(&format!("/prompts/{id}/test"));
    let before = business.items(&world, "/api/v1/conversations").await;
    let arguments = json!({"reason": "asked", "summary": "wants a person"});
    world.model.then_says_and_calls("One moment.", "request_handoff", arguments.clone());
    let answer =
        world.post(&path).key(&business.key).json(&json!({"text": "A person!"})).send().await.expect(200);
    let call = json!({"name": "request_handoff", "arguments": arguments});
    assert_eq!(answer, json!({"reply_text": "One moment.", "tool_calls": [call], "handed_off": true}));
    let asked = world.model.requests().pop().unwrap();
    assert!(asked.instructions.contains("Be kind.") && asked.transcript[0].text == "A person!");
    assert_eq!(business.items(&world, "/api/v1/conversations").await, before);
    let nothing = world.post(&path).key(&business.key).json(&json!({})).send().await;
    assert_eq!(faulty_fields(&nothing.expect_problem(400, "invalid_request")), ["transcript"]);
}

#[actix_web::test]
async fn the_links_of_the_business_are_told_and_a_test_shows_what_a_customer_would_get() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = business.path("/profile");
    let mut profile = world.get(&path).operator().send().await.expect(200);
    profile["links"] = json!(["https://bristol.example/book", "https://bristol.example/prices"]);
    world.put(&path).operator().json(&profile).send().await.expect(200);
    let told = told_in_a_chat(&world, &business).await;
    let links = "Links that you may give: https://bristol.example/book https://bristol.example/prices";
    assert!(told.contains(links), "{told}");
    let id = drafted(&world, &business, &says("Offer {{ business.links | join(\" or \") }}.")).await;
    let path = business.path(&format!("/prompts/{id}/test"));
    let test = async || {
        let body = json!({"text": "A link!"});
        world.post(&path).key(&business.key).json(&body).send().await.expect(200)
    };
    world.model.then_says("Book at https://bristol.example/book or https://evil.example/book.");
    assert_eq!(test().await["reply_text"], "Book at https://bristol.example/book or [link removed].");
    let told = world.model.requests().pop().unwrap().instructions;
    assert!(told.contains("Offer https://bristol.example/book or https://bristol.example/prices."), "{told}");
    world.model.then_says_and_calls(&told, "request_handoff", json!({"reason": "asked"}));
    let withheld = "Sorry, I cannot help with that. Is there something that I can do for you at Bristol?";
    assert_eq!(test().await, json!({"reply_text": withheld, "tool_calls": [], "handed_off": false}));
    world.model.then_calls("request_handoff", json!({"reason": "asked"}));
    let answer = test().await;
    assert!(text(&answer["reply_text"]).starts_with("I am passing you to a person at Bristol"), "{answer}");
}
