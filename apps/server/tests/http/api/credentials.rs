//! `/api/v1/tenants/{tenant_id}/api-keys` and `…/widget-tokens`

use serde_json::json;

use crate::support::{World, faulty_fields, text};

#[actix_web::test]
async fn an_api_key_is_shown_once_and_works_until_it_is_revoked() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = business.path("/api-keys");
    let made = world.post(&path).key(&business.key).json(&json!({"name": "till"})).send().await.expect(201);
    let key = text(&made["key"]);
    assert!(key.starts_with("cc_live_"));
    assert!(!world.get(&path).key(&key).send().await.text().contains(&key));
    let one = format!("{path}/{}", text(&made["id"]));
    assert_eq!(world.delete(&one).key(&business.key).send().await.status, 204);
    world.get(&path).key(&key).send().await.expect_problem(401, "unauthorized");
    let listed = business.items(&world, &path).await;
    let revoked = listed.iter().find(|listed| listed["id"] == made["id"]).unwrap();
    assert!(revoked["revoked_at"].is_string());
}

#[actix_web::test]
async fn a_test_key_says_so() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let body = json!({"name": "trial", "mode": "test"});
    let made = world.post(&business.path("/api-keys")).operator().json(&body).send().await.expect(201);
    assert!(text(&made["key"]).starts_with("cc_test_"));
}

#[actix_web::test]
async fn a_credential_without_a_name_is_refused() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for (path, body) in [
        ("/api-keys", json!({"name": " "})),
        ("/widget-tokens", json!({"name": " ", "allowed_origins": ["*"]})),
    ] {
        let answer = world.post(&business.path(path)).operator().json(&body).send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["name"]);
    }
}

#[actix_web::test]
async fn a_widget_token_opens_the_web_chat_and_stops_when_revoked() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = business.path("/widget-tokens");
    let body = json!({"name": "site", "allowed_origins": ["*"]});
    let made = world.post(&path).operator().json(&body).send().await.expect(201);
    let token = text(&made["token"]);
    let channels = business.items(&world, &business.path("/channels")).await;
    assert!(channels.iter().any(|channel| channel["channel"] == "web_chat"));
    let one = format!("{path}/{}", text(&made["id"]));
    assert_eq!(world.delete(&one).operator().send().await.status, 204);
    let chat = world.post("/api/v1/chat").header("X-Widget-Token", &token);
    let answer = chat.json(&json!({"session_id": "s", "text": "hi"})).send().await;
    answer.expect_problem(401, "unauthorized");
}

#[actix_web::test]
async fn an_origin_that_is_none_is_refused_and_so_is_none() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for body in [
        json!({"name": "site", "allowed_origins": ["https://example.com/page"]}),
        json!({"name": "site", "allowed_origins": []}),
        json!({"name": "site"}),
    ] {
        let answer = world.post(&business.path("/widget-tokens")).operator().json(&body).send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["allowed_origins"]);
    }
}
