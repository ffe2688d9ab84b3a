//! `/api/v1/tenants/{tenant_id}/provider-accounts`

use serde_json::json;

use crate::support::{Webhook, World, faulty_fields, text};

#[actix_web::test]
async fn an_account_is_stored_and_its_token_never_shown() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = business.path("/provider-accounts");
    let body = json!({"provider": "twilio", "account_sid": "AC1", "auth_token": "hush-hush"});
    let made = world.post(&path).key(&business.key).json(&body).send().await;
    assert_eq!(made.expect(201)["account_sid"], "AC1");
    let listed = world.get(&path).key(&business.key).send().await;
    assert_eq!(listed.expect(200)["items"][0]["provider"], "twilio");
    assert!(!made.text().contains("hush") && !listed.text().contains("hush"));
}

#[actix_web::test]
async fn an_account_that_any_tenant_has_is_409() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    let body = json!({"provider": "twilio", "account_sid": "AC1", "auth_token": "t"});
    world.post(&own.path("/provider-accounts")).operator().json(&body).send().await.expect(201);
    let again = world.post(&other.path("/provider-accounts")).operator().json(&body).send().await;
    again.expect_problem(409, "already_exists");
}

#[actix_web::test]
async fn a_field_that_is_not_usable_is_named() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for (body, field) in [
        (json!({"provider": "built_in", "account_sid": "AC1", "auth_token": "t"}), "provider"),
        (json!({"provider": "twilio", "account_sid": "../x", "auth_token": "t"}), "account_sid"),
        (json!({"provider": "twilio", "account_sid": "AC1", "auth_token": "a b"}), "auth_token"),
    ] {
        let answer = world.post(&business.path("/provider-accounts")).operator().json(&body).send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), [field]);
    }
}

#[actix_web::test]
async fn row_36_a_token_with_a_line_break_is_refused() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let body = json!({"provider": "twilio", "account_sid": "AC1", "auth_token": "t\r\nX-Evil: 1"});
    let answer = world.post(&business.path("/provider-accounts")).operator().json(&body).send().await;
    assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["auth_token"]);
}

#[actix_web::test]
async fn once_an_account_is_removed_its_webhooks_are_refused_at_once() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = business.path("/provider-accounts");
    let body = json!({"provider": "twilio", "account_sid": "AC1", "auth_token": "t"});
    let made = world.post(&path).operator().json(&body).send().await.expect(201);
    let webhook = Webhook::sms("SM9", "+15557770000", &business.number, "hi").account("AC1", "t");
    assert_eq!(webhook.send(&world).await.status, 200);
    let one = format!("{path}/{}", text(&made["id"]));
    assert_eq!(world.delete(&one).operator().send().await.status, 204);
    webhook.send(&world).await.expect_problem(403, "bad_signature");
    world.delete(&one).operator().send().await.expect_problem(404, "not_found");
}
