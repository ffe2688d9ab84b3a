//! `/readyz` and `/health`

use std::sync::Arc;

use fake_carrier::{FakeCarrier, FakeCarrierConfig, RunningFakeCarrier};
use serde_json::{Value, json};
use tenancy::SecretText;
use url::Url;

use crate::support::{BrokenStore, Call, PLATFORM_SID, PLATFORM_TOKEN, World};

async fn carrier() -> RunningFakeCarrier {
    let config = FakeCarrierConfig::new(PLATFORM_SID, PLATFORM_TOKEN);
    FakeCarrier::new(config).unwrap().start().await.unwrap()
}

fn with_carrier(base: &Url, token: &str) -> World {
    World::with(|settings, ports| {
        ports.messenger = None;
        settings.platform_accounts[0].api_base = base.clone();
        settings.platform_accounts[0].auth_token = SecretText::new(token);
    })
}

fn check<'a>(body: &'a Value, name: &str) -> &'a Value {
    let found = body["checks"].as_array().unwrap().iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("{name}: {body}"))
}

#[actix_web::test]
async fn a_server_that_has_all_it_needs_is_ready() {
    let carrier = carrier().await;
    let body = with_carrier(carrier.base_url(), PLATFORM_TOKEN).get("/readyz").send().await.expect(200);
    assert_eq!(body["status"], "ready");
    for (name, required) in [("database", true), ("carrier", false)] {
        assert_eq!(check(&body, name), &json!({"name": name, "status": "ok", "required": required}));
    }
}

#[actix_web::test]
async fn without_its_database_it_is_not_ready_and_shows_nothing_of_the_reason() {
    let world = World::with(|_, ports| ports.stores.tenants = Arc::new(BrokenStore));
    let answer = world.get("/readyz").send().await;
    let body = answer.expect(503);
    assert_eq!((&body["status"], answer.header("content-type")), (&json!("unready"), "application/json"));
    assert_eq!(check(&body, "database")["detail"], "does not answer");
    assert!(!answer.text().contains(BrokenStore::REASON), "{body}");
    let people = world.get("/health").send().await.expect(200);
    assert_eq!(people["status"], "unready", "people get the same answer with a 200");
    world.get("/healthz").send().await.expect(200);
}

#[actix_web::test]
async fn without_its_carrier_it_still_takes_messages_in() {
    let running = carrier().await;
    let wrong = with_carrier(running.base_url(), "another-token").get("/readyz").send().await;
    assert_eq!(wrong.expect(200)["status"], "degraded");
    assert_eq!(check(&wrong.json(), "carrier")["detail"], "refuses the account's token");
    assert!(!wrong.text().contains("another-token") && !wrong.text().contains(PLATFORM_SID));
    let base = running.base_url().clone();
    running.stop().await;
    let body = with_carrier(&base, PLATFORM_TOKEN).get("/readyz").send().await.expect(200);
    assert_eq!(check(&body, "carrier")["detail"], "cannot be reached");
}

#[actix_web::test]
async fn a_server_that_was_told_to_stop_sends_requests_elsewhere() {
    let world = World::new();
    world.services.operations.readiness.stop();
    assert_eq!(world.get("/readyz").send().await.expect(503)["status"], "stopping");
    world.get("/healthz").send().await.expect(200);
}

#[actix_web::test]
async fn a_balancer_may_ask_for_the_head_only() {
    let world = World::new();
    for path in ["/readyz", "/health"] {
        assert_eq!(Call::new(&world, "HEAD", path).send().await.status, 200);
    }
}
