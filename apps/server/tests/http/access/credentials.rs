//! API keys with scopes and an end, their rotation, and owner tokens.

use serde_json::{Value, json};

use crate::support::{Business, World, text};

async fn make(world: &World, business: &Business, path: &str, body: Value) -> Value {
    world.post(&business.path(path)).key(&business.key).json(&body).send().await.expect(201)
}

#[actix_web::test]
async fn a_key_does_what_its_scopes_say_and_gives_no_more() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let scopes = json!(["conversations:read", "credentials:write"]);
    let made = make(&world, &business, "/api-keys", json!({"name": "reader", "scopes": scopes})).await;
    assert_eq!(made["scopes"], json!(["conversations:read", "credentials:write"]));
    let key = text(&made["key"]);
    world.get("/api/v1/conversations").key(&key).send().await.expect(200);
    let refused = world.get("/api/v1/contacts").key(&key).send().await;
    refused.expect_problem(403, "forbidden");
    assert!(refused.text().contains("contacts:read"), "it says what is missing: {}", refused.text());
    let more = json!({"name": "more", "scopes": ["contacts:read"]});
    let refused = world.post(&business.path("/api-keys")).key(&key).json(&more).send().await;
    refused.expect_problem(403, "forbidden");
    let unsaid =
        world.post(&business.path("/api-keys")).key(&key).json(&json!({"name": "same"})).send().await;
    assert_eq!(unsaid.expect(201)["scopes"], made["scopes"]);
    for scopes in [json!(["contacts:eat"]), json!([]), json!(["members:write"])] {
        let body = json!({"name": "x", "scopes": scopes});
        let answer = world.post(&business.path("/api-keys")).key(&business.key).json(&body).send().await;
        assert!([400, 403].contains(&answer.status), "{scopes}: {}", answer.text());
    }
}

#[actix_web::test]
async fn a_key_or_token_ends_when_it_says() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let until = "2026-11-02T16:00:00Z";
    let body = json!({"name": "x", "expires_at": until});
    let key = text(&make(&world, &business, "/api-keys", body.clone()).await["key"]);
    let owner = text(&make(&world, &business, "/owner-tokens", body).await["token"]);
    let site = json!({"name": "x", "expires_at": until, "allowed_origins": ["*"]});
    let page = text(&make(&world, &business, "/widget-tokens", site.clone()).await["token"]);
    let statuses = async || {
        let by_key = world.get("/api/v1/contacts").key(&key).send().await.status;
        let by_owner = world.get("/api/v1/contacts").header("X-Owner-Token", &owner).send().await.status;
        let by_page = world.post("/api/v1/chat/sessions").header("X-Widget-Token", &page).send().await.status;
        [by_key, by_owner, by_page]
    };
    assert_eq!(statuses().await, [200, 200, 201]);
    world.pass(3_600);
    assert_eq!(statuses().await, [401, 401, 401]);
    let past = json!({"name": "x", "expires_at": until});
    for (path, past) in [("/api-keys", &past), ("/owner-tokens", &past), ("/widget-tokens", &site)] {
        let answer = world.post(&business.path(path)).key(&business.key).json(past).send().await;
        answer.expect_problem(400, "invalid_request");
    }
}

#[actix_web::test]
async fn a_rotated_key_works_on_for_the_overlap() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let old =
        make(&world, &business, "/api-keys", json!({"name": "till", "scopes": ["contacts:read"]})).await;
    let path = format!("/api-keys/{}/rotate", text(&old["id"]));
    let new = make(&world, &business, &path, json!({"overlap_seconds": 60})).await;
    assert_eq!((&new["name"], &new["scopes"]), (&old["name"], &old["scopes"]));
    let works = async |key: &Value| world.get("/api/v1/contacts").key(&text(key)).send().await.status;
    assert_eq!((works(&old["key"]).await, works(&new["key"]).await), (200, 200));
    world.pass(60);
    assert_eq!((works(&old["key"]).await, works(&new["key"]).await), (401, 200));
    let again = world.post(&business.path(&path)).key(&business.key).json(&json!({})).send().await;
    again.expect_problem(404, "not_found");
    let path = business.path(&format!("/api-keys/{}/rotate", text(&new["id"])));
    for overlap in [-1, 604_801] {
        let body = json!({"overlap_seconds": overlap});
        world.post(&path).key(&business.key).json(&body).send().await.expect_problem(400, "invalid_request");
    }
}

#[actix_web::test]
async fn a_key_is_rotated_once_and_then_the_one_that_took_its_place() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let old = make(&world, &business, "/api-keys", json!({"name": "till"})).await;
    let path = format!("/api-keys/{}/rotate", text(&old["id"]));
    let new = make(&world, &business, &path, json!({})).await;
    let again = world.post(&business.path(&path)).key(&business.key).json(&json!({})).send().await;
    again.expect_problem(409, "key_rotated");
    let path = format!("/api-keys/{}/rotate", text(&new["id"]));
    assert_eq!(make(&world, &business, &path, json!({})).await["expires_at"], Value::Null);
}

#[actix_web::test]
async fn a_rotated_key_ends_when_the_old_one_would_have() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let until = "2026-11-02T16:00:00Z";
    let old = make(&world, &business, "/api-keys", json!({"name": "till", "expires_at": until})).await;
    let path = format!("/api-keys/{}/rotate", text(&old["id"]));
    let new = make(&world, &business, &path, json!({})).await;
    assert_eq!(new["expires_at"], json!(until));
    let works = async || world.get("/api/v1/contacts").key(&text(&new["key"])).send().await.status;
    assert_eq!(works().await, 200);
    world.pass(3_600);
    assert_eq!(works().await, 401);
}

#[actix_web::test]
async fn an_owner_token_looks_and_changes_nothing_and_is_no_key() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let made = make(&world, &business, "/owner-tokens", json!({"name": "owner"})).await;
    let token = text(&made["token"]);
    let shown = world.get("/api/v1/conversations").header("X-Owner-Token", &token).send().await;
    assert!(shown.text().contains(&business.customer));
    let answer = world.put("/api/v1/consent?address=%2B15551230009").header("X-Owner-Token", &token);
    answer.json(&json!({"state": "opted_out"})).send().await.expect_problem(403, "forbidden");
    world.get("/api/v1/contacts").key(&token).send().await.expect_problem(401, "unauthorized");
    let as_owner = world.get("/api/v1/contacts").header("X-Owner-Token", &business.key).send().await;
    as_owner.expect_problem(401, "unauthorized");
    let listed = business.items(&world, &business.path("/owner-tokens")).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        business.items(&world, &business.path("/api-keys")).await.len(),
        1,
        "tokens are not among keys"
    );
    let path = business.path(&format!("/owner-tokens/{}", text(&made["id"])));
    assert_eq!(world.delete(&path).key(&business.key).send().await.status, 204);
    let gone = world.get("/api/v1/conversations").header("X-Owner-Token", &token).send().await;
    gone.expect_problem(401, "unauthorized");
}
