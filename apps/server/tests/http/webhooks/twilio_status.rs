//! `/webhooks/twilio/status`

use serde_json::json;

use crate::support::{Business, Webhook, World, text};

const PATH: &str = "/webhooks/twilio/status";

/// Lets a person answer, and returns our id of the message.
async fn answered(world: &World, business: &Business) -> String {
    let path = format!("/api/v1/conversations/{}/messages", business.conversation_id(world).await);
    text(
        &world.post(&path).key(&business.key).json(&json!({"text": "We do!"})).send().await.expect(201)["id"],
    )
}

async fn state(world: &World, business: &Business) -> String {
    text(&business.messages(world).await[1]["delivery_state"])
}

#[actix_web::test]
async fn reports_raise_the_delivery_state_and_never_lower_it() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = format!("{PATH}?message={}", answered(&world, &business).await);
    for (status, expected) in
        [("sent", "sent"), ("delivered", "delivered"), ("sent", "delivered"), ("read", "read")]
    {
        let report = Webhook::status(&path, "SMout", &business.number, status);
        assert_eq!(report.send(&world).await.status, 200);
        assert_eq!(state(&world, &business).await, expected, "after {status}");
    }
}

#[actix_web::test]
async fn a_report_by_the_tenants_own_account_needs_no_number() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let body = json!({"provider": "twilio", "account_sid": "AC1", "auth_token": "own-token"});
    world.post(&business.path("/provider-accounts")).operator().json(&body).send().await.expect(201);
    let path = format!("/api/v1{PATH}?message={}", answered(&world, &business).await);
    let report = Webhook::status(&path, "SMout", "", "delivered").account("AC1", "own-token");
    assert_eq!(report.send(&world).await.status, 200);
    assert_eq!(state(&world, &business).await, "delivered");
}

#[actix_web::test]
async fn row_48_another_tenants_account_cannot_report_about_a_message() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    let body = json!({"provider": "twilio", "account_sid": "AC2", "auth_token": "other-token"});
    world.post(&other.path("/provider-accounts")).operator().json(&body).send().await.expect(201);
    let path = format!("{PATH}?message={}", answered(&world, &own).await);
    let report = Webhook::status(&path, "SMout", &own.number, "failed").account("AC2", "other-token");
    assert_eq!(report.send(&world).await.status, 200);
    assert_eq!(state(&world, &own).await, "queued");
}

#[actix_web::test]
async fn a_report_about_nothing_of_ours_is_acknowledged() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for path in [PATH, "/webhooks/twilio/status?message=x", "/webhooks/twilio/status?message=%00"] {
        for from in [&business.number, "+15559999999"] {
            let report = Webhook::status(path, "SMnobody", from, "delivered");
            assert_eq!(report.send(&world).await.status, 200);
        }
    }
}

#[actix_web::test]
async fn a_report_that_is_not_signed_is_403_and_changes_nothing() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = format!("{PATH}?message={}", answered(&world, &business).await);
    let report = Webhook::status(&path, "SMout", &business.number, "failed").unsigned();
    report.send(&world).await.expect_problem(403, "bad_signature");
    assert_eq!(state(&world, &business).await, "queued");
}

#[actix_web::test]
async fn a_status_that_is_none_is_400() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let report = Webhook::status(PATH, "SMout", &business.number, "teleported");
    report.send(&world).await.expect_problem(400, "invalid_request");
}
