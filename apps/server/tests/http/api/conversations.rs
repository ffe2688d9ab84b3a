//! `/api/v1/conversations`

use serde_json::json;

use crate::support::{Webhook, World, faulty_fields, text};

#[actix_web::test]
async fn a_text_message_becomes_a_conversation() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let listed = business.conversations(&world).await[0].clone();
    assert_eq!(listed["channel"], "sms");
    assert_eq!(listed["status"], "open");
    assert_eq!(listed["owner"], "bot");
    assert_eq!(listed["contact"]["address"], business.customer);
    assert_eq!(listed["last_message_at"], "2026-11-02T15:00:00Z");
    let shown =
        world.get(&format!("/api/v1/conversations/{}", text(&listed["id"]))).key(&business.key).send().await;
    assert_eq!(shown.expect(200), listed);
    let message = business.messages(&world).await[0].clone();
    assert_eq!(message["direction"], "inbound");
    assert_eq!(message["author"], "contact");
    assert_eq!(message["text"], "Do you fix sinks?");
    assert_eq!(message["delivery_state"], "received");
    assert_eq!(message["provider_message_id"], "SM15551230000");
}

#[actix_web::test]
async fn conversations_are_found_by_address_and_status() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    Webhook::sms("SM9", "ACME Inc", &business.number, "Buy now").send(&world).await;
    let count =
        async |query: &str| business.items(&world, &format!("/api/v1/conversations?{query}")).await.len();
    assert_eq!(count("").await, 2);
    assert_eq!(count(&format!("contact_address={}", business.customer)).await, 1);
    assert_eq!(count("contact_address=ACME%20Inc").await, 1);
    assert_eq!(count("status=open").await, 2);
    assert_eq!(count("status=closed").await, 0);
    let answer = world.get("/api/v1/conversations?status=ajar").key(&business.key).send().await;
    assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["status"]);
}

#[actix_web::test]
async fn row_38_percent_and_underscore_in_a_search_are_literal() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    Webhook::sms("SM9", "ACME Inc", &business.number, "Buy now").send(&world).await;
    for (address, found) in [("ACME%20Inc", 1), ("%25", 0), ("A%25", 0), ("_CME%20Inc", 0)] {
        let path = format!("/api/v1/conversations?contact_address={address}");
        assert_eq!(business.items(&world, &path).await.len(), found, "{address}");
    }
}

#[actix_web::test]
async fn a_persons_answer_is_written_and_takes_the_conversation_over() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = format!("/api/v1/conversations/{}/messages", business.conversation_id(&world).await);
    let written =
        world.post(&path).key(&business.key).json(&json!({"text": "We do!"})).send().await.expect(201);
    assert_eq!(written["text"], "We do!");
    assert_eq!((&written["author"], &written["direction"]), (&json!("human"), &json!("outbound")));
    assert_eq!(written["delivery_state"], "queued");
    assert_eq!(business.conversations(&world).await[0]["owner"], "human");
    let messages = business.messages(&world).await;
    assert_eq!(
        messages.iter().map(|message| &message["text"]).collect::<Vec<_>>(),
        ["Do you fix sinks?", "We do!"]
    );
}

#[actix_web::test]
async fn an_answer_that_one_message_cannot_carry_becomes_several() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = format!("/api/v1/conversations/{}/messages", business.conversation_id(&world).await);
    let long = "We do fix sinks. ".repeat(200);
    let written = world.post(&path).key(&business.key).json(&json!({"text": long})).send().await.expect(201);
    assert!(!written["more"].as_array().unwrap().is_empty());
}

#[actix_web::test]
async fn an_empty_answer_is_400() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = format!("/api/v1/conversations/{}/messages", business.conversation_id(&world).await);
    for text in ["", " \n", "\u{1}", &"x".repeat(10_001)] {
        let answer = world.post(&path).key(&business.key).json(&json!({"text": text})).send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["text"]);
    }
}

#[actix_web::test]
async fn each_verb_changes_a_conversation_and_may_be_repeated() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = business.conversation_id(&world).await;
    for (verb, status, owner) in [
        ("pause", "open", "human"),
        ("resume", "open", "bot"),
        ("close", "closed", "bot"),
        ("reopen", "open", "bot"),
    ] {
        for _ in 0..2 {
            let path = format!("/api/v1/conversations/{id}/{verb}");
            let changed = world.post(&path).key(&business.key).send().await.expect(200);
            assert_eq!((&changed["status"], &changed["owner"]), (&json!(status), &json!(owner)), "{verb}");
        }
    }
}

#[actix_web::test]
async fn a_closed_conversation_takes_no_answer_and_only_one_is_open() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = business.conversation_id(&world).await;
    let path = format!("/api/v1/conversations/{id}");
    world.post(&format!("{path}/close")).key(&business.key).send().await.expect(200);
    let answer =
        world.post(&format!("{path}/messages")).key(&business.key).json(&json!({"text": "hi"})).send().await;
    answer.expect_problem(409, "conversation_closed");
    assert_eq!(business.text_from_customer(&world, "SM9", "Still there?").await, 200);
    let again = world.post(&format!("{path}/reopen")).key(&business.key).send().await;
    again.expect_problem(409, "another_conversation_open");
}

#[actix_web::test]
async fn messages_come_in_pages_oldest_first() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for number in 0..4 {
        business.text_from_customer(&world, &format!("SM{number}"), &format!("line {number}")).await;
    }
    let path = format!("/api/v1/conversations/{}/messages", business.conversation_id(&world).await);
    let first = world.get(&format!("{path}?limit=3")).key(&business.key).send().await.expect(200);
    let cursor = text(&first["next_cursor"]);
    let second =
        world.get(&format!("{path}?limit=3&cursor={cursor}")).key(&business.key).send().await.expect(200);
    let texts = |page: &serde_json::Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|message| text(&message["text"])).collect()
    };
    assert_eq!(texts(&first), ["Do you fix sinks?", "line 0", "line 1"]);
    assert_eq!(texts(&second), ["line 2", "line 3"]);
    assert!(second["next_cursor"].is_null());
}

#[actix_web::test]
async fn a_conversation_in_which_nothing_was_refused_says_so() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = format!("/api/v1/conversations/{}/refused-sends", business.conversation_id(&world).await);
    let refused = world.get(&path).key(&business.key).send().await.expect(200);
    assert_eq!(refused, json!({"items": [], "next_cursor": null}));
}
