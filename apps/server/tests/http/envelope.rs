//! What surrounds every answer: the request's id, security headers, problems for whatever goes wrong.

use std::sync::Arc;

use async_trait::async_trait;
use conversation::{Deltas, LanguageModel, ModelError, ModelReply, ModelRequest};
use serde_json::json;

use crate::support::{BrokenStore, Call, World};

#[actix_web::test]
async fn a_well_formed_request_id_comes_back() {
    let answer = World::new().get("/healthz").header("X-Request-Id", "trace-1.a_B").send().await;
    assert_eq!(answer.header("x-request-id"), "trace-1.a_B");
}

#[actix_web::test]
async fn a_request_id_that_could_forge_a_log_line_is_replaced() {
    let answer = World::new().get("/healthz").header("X-Request-Id", "a b {}").send().await;
    assert!(uuid::Uuid::parse_str(answer.header("x-request-id")).is_ok());
}

#[actix_web::test]
async fn the_process_tells_that_it_lives() {
    let health = World::new().get("/healthz").send().await.expect(200);
    assert_eq!(health["status"], "ok");
    assert_eq!(health["config_valid"], true);
}

#[actix_web::test]
async fn whoever_looks_after_the_process_may_ask_for_the_head_only() {
    let world = World::new();
    for path in ["/", "/healthz"] {
        assert_eq!(Call::new(&world, "HEAD", path).send().await.status, 200);
    }
}

#[actix_web::test]
async fn the_first_page_says_what_this_is() {
    let answer = World::new().get("/").send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(answer.text().contains("href=\"/docs/\""));
}

#[actix_web::test]
async fn the_documentation_is_served_and_may_run_its_own_scripts_only() {
    let world = World::new();
    assert_eq!(world.get("/docs").send().await.header("location"), "/docs/");
    let page = world.get("/docs/").send().await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("script-src 'self';"));
    assert!(!page.text().contains("<script>"), "an inline script would be blocked");
    assert_eq!(world.get("/openapi.json").send().await.expect(200)["openapi"], "3.1.0");
}

#[actix_web::test]
async fn browsers_are_told_what_they_must_not_do() {
    let world = World::new();
    for answer in [world.get("/healthz").send().await, world.get("/nothing").send().await] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    }
}

#[actix_web::test]
async fn a_path_that_is_not_served_is_404() {
    let world = World::new();
    for path in [
        "/nothing",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v2/tenants",
        "/api/v1/tenants/a/b/c",
        "/docs/nothing",
    ] {
        world.get(path).operator().send().await.expect_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn a_method_that_is_not_served_is_405_and_lists_those_that_are() {
    let answer = World::new().delete("/api/v1/tenants").operator().send().await;
    answer.expect_problem(405, "method_not_allowed");
    assert!(answer.header("allow").contains("POST"), "{answer:?}");
}

#[actix_web::test]
async fn a_store_that_is_down_is_503_and_shows_nothing_of_its_reason() {
    let world = World::with(|_, ports| ports.stores.tenants = Arc::new(BrokenStore));
    let answer = world.get("/api/v1/tenants").operator().send().await;
    answer.expect_problem(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "5");
    assert!(!answer.text().contains(BrokenStore::REASON));
}

#[actix_web::test]
async fn while_credentials_cannot_be_looked_up_nobody_is_let_in() {
    let world = World::with(|_, ports| ports.stores.credentials = Arc::new(BrokenStore));
    let answer = world.get("/api/v1/conversations").key("cc_live_x").send().await;
    answer.expect_problem(503, "unavailable");
}

#[actix_web::test]
async fn a_handler_that_panics_is_a_500_problem() {
    struct PanickingModel;

    #[async_trait]
    impl LanguageModel for PanickingModel {
        async fn reply(&self, _: &ModelRequest, _: &dyn Deltas) -> Result<ModelReply, ModelError> {
            panic!("a fault in a handler")
        }
    }

    let world = World::with(|_, ports| ports.model = Arc::new(PanickingModel));
    let business = world.business("Bristol", "+15551230000").await;
    let body = json!({"name": "site", "allowed_origins": ["*"]});
    let token = world.post(&business.path("/widget-tokens")).operator().json(&body).send().await.expect(201);
    let chat = world.post("/api/v1/chat").header("X-Widget-Token", token["token"].as_str().unwrap());
    let answer = chat.json(&json!({"session_id": "s", "text": "hi"})).send().await;
    answer.expect_problem(500, "internal");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(!answer.text().contains("a fault in a handler"));
}
