//! `/api/v1/tenants/{tenant_id}/channels`

use serde_json::json;

use crate::support::{World, faulty_fields, text};

#[actix_web::test]
async fn every_spelling_of_a_number_is_one_channel() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = business.path("/channels");
    let body = json!({"channel": "sms", "provider": "twilio", "address": "tel:+1 (555) 123-0009"});
    let made = world.post(&path).key(&business.key).json(&body).send().await.expect(201);
    assert_eq!(made["address"], "+15551230009");
    assert_eq!(made["is_active"], true);
    let body = json!({"channel": "sms", "provider": "twilio", "address": "0015551230009"});
    world.post(&path).key(&business.key).json(&body).send().await.expect_problem(409, "already_exists");
}

#[actix_web::test]
async fn a_number_that_any_tenant_has_is_409() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    let body = json!({"channel": "sms", "provider": "twilio", "address": other.number});
    let answer = world.post(&own.path("/channels")).key(&own.key).json(&body).send().await;
    answer.expect_problem(409, "already_exists");
}

#[actix_web::test]
async fn row_55_an_address_that_is_no_number_is_400() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for address in ["(555) 010", "12345", "ACME", "anonymous", "", "+1555"] {
        let body = json!({"channel": "sms", "provider": "twilio", "address": address});
        let answer = world.post(&business.path("/channels")).operator().json(&body).send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["address"]);
    }
}

#[actix_web::test]
async fn what_is_not_served_is_400() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for (channel, provider, field) in
        [("fax", "twilio", "channel"), ("sms", "telnyx", "provider"), ("voice", "twilio", "channel")]
    {
        let body = json!({"channel": channel, "provider": provider, "address": "+15551230009"});
        let answer = world.post(&business.path("/channels")).operator().json(&body).send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), [field]);
    }
}

#[actix_web::test]
async fn nobody_can_take_another_tenants_web_chat() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    let body = json!({"channel": "web_chat", "provider": "built_in", "address": other.id});
    let answer = world.post(&own.path("/channels")).key(&own.key).json(&body).send().await;
    assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["address"]);
    let body = json!({"channel": "web_chat", "provider": "built_in"});
    let made = world.post(&own.path("/channels")).key(&own.key).json(&body).send().await.expect(201);
    assert_eq!(made["address"], own.id);
}

#[actix_web::test]
async fn a_text_to_a_number_that_is_off_is_stored_and_its_stop_counts() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let channel = business.items(&world, &business.path("/channels")).await[0].clone();
    let path = format!("{}/{}", business.path("/channels"), text(&channel["id"]));
    let off =
        world.patch(&path).key(&business.key).json(&json!({"is_active": false})).send().await.expect(200);
    assert_eq!(off["is_active"], false);
    assert_eq!(business.text_from_customer(&world, "SM8", "hi").await, 200);
    assert_eq!(business.text_from_customer(&world, "SM9", "please stop texting me").await, 200);
    assert_eq!(business.messages(&world).await.len(), 3);
    let consent = format!("/api/v1/consent?address={}", business.customer);
    let consent = world.get(&consent).key(&business.key).send().await.expect(200);
    assert_eq!(consent["state"], "opted_out");
}
