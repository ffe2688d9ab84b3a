//! `/webhooks/twilio/sms`

use std::sync::Arc;

use serde_json::json;

use crate::support::{BrokenStore, PLATFORM_SID, PLATFORM_TOKEN, Webhook, World};

const EMPTY_RESPONSE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

fn sms(to: &str) -> Webhook {
    Webhook::sms("SM9", "+15557770000", to, "Hello")
}

#[actix_web::test]
async fn a_signed_message_is_stored_and_acknowledged() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for (sid, path) in [
        ("SM1", "/webhooks/twilio/sms"),
        ("SM2", "/api/v1/webhooks/twilio/sms"),
        ("SM3", "/%77ebhooks/twilio/sms"),
    ] {
        let answer = sms(&business.number).field("MessageSid", sid).path(path).send(&world).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, EMPTY_RESPONSE));
        assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8");
    }
    assert_eq!(business.items(&world, "/api/v1/conversations?contact_address=+15557770000").await.len(), 1);
}

#[actix_web::test]
async fn rows_1_to_6_what_is_not_signed_as_it_came_is_403_and_not_stored() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    for (business, sid, token) in [(&own, "AC1", "own-token"), (&other, "AC2", "other-token")] {
        let body = json!({"provider": "twilio", "account_sid": sid, "auth_token": token});
        world.post(&business.path("/provider-accounts")).operator().json(&body).send().await.expect(201);
    }
    let signed = sms(&own.number).freeze_signature();
    for webhook in [
        sms(&own.number).unsigned(),
        sms(&own.number).account(PLATFORM_SID, "wrong-token"),
        sms(&own.number).account("AC1", "other-token"),
        signed.clone().field("Body", "Altered"),
        signed.clone().field("Added", "x"),
        signed.clone().path("/api/v1/webhooks/twilio/sms"),
        signed.clone().path("/%77ebhooks/twilio/sms"),
        signed.clone().path("/webhooks/twilio/sms?x=1"),
        signed.clone().path("/webhooks/twilio/status"),
        sms(&own.number).signed_for("https://evil.example"),
    ] {
        webhook.send(&world).await.expect_problem(403, "bad_signature");
    }
    assert_eq!(own.conversations(&world).await.len(), 1);
}

#[actix_web::test]
async fn rows_8_and_9_the_configured_address_is_signed_with_its_port_or_without() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for base in ["https://chat.example.test", "https://chat.example.test:443"] {
        assert_eq!(sms(&business.number).signed_for(base).send(&world).await.status, 200, "{base}");
    }
}

#[actix_web::test]
async fn the_host_header_does_not_choose_what_is_signed() {
    let world = World::new();
    let body = "AccountSid=x";
    let call =
        world.post("/webhooks/twilio/sms").header("Host", "evil.example").header("X-Forwarded-Host", "evil");
    let call = call.header("X-Twilio-Signature", "AAAA").body("application/x-www-form-urlencoded", body);
    call.send().await.expect_problem(403, "bad_signature");
}

#[actix_web::test]
async fn rows_10_and_11_json_is_403_and_the_request_does_not_choose_the_algorithm() {
    let world = World::new();
    for path in ["/webhooks/twilio/sms", "/webhooks/twilio/sms?bodySHA256=00"] {
        let call = world.post(path).header("X-Twilio-Signature", "AAAA");
        let call = call.header("X-Twilio-Webhooks-Signature-Settings", "key=x,algorithm=none");
        let body = json!({"AccountSid": PLATFORM_SID, "MessageSid": "SM1"});
        call.json(&body).send().await.expect_problem(403, "bad_signature");
    }
}

#[actix_web::test]
async fn row_14_an_unknown_account_answers_like_a_wrong_signature() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let unknown = sms(&business.number).account("AC404", PLATFORM_TOKEN).send(&world).await;
    let wrong = sms(&business.number).account(PLATFORM_SID, "wrong").send(&world).await;
    unknown.expect_problem(403, "bad_signature");
    assert_eq!(unknown.fingerprint(), wrong.fingerprint());
}

#[actix_web::test]
async fn rows_15_and_16_the_same_message_the_next_day_changes_nothing_whatever_it_says() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let before = world.rows_of(&business.id);
    for words in ["Do you fix sinks?", "Something else"] {
        world.pass(24 * 60 * 60);
        assert_eq!(business.text_from_customer(&world, "SM15551230000", words).await, 200);
    }
    assert_eq!(world.rows_of(&business.id), before);
    let messages = business.messages(&world).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["text"], "Do you fix sinks?");
}

#[actix_web::test]
async fn row_22_fields_that_nobody_knows_are_accepted() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let webhook = sms(&business.number).fields(&[("BrandNew", "x"), ("AddOns", "{}")]);
    assert_eq!(webhook.send(&world).await.status, 200);
}

#[actix_web::test]
async fn rows_23_26_to_29_odd_messages_are_stored_and_acknowledged() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let combining = "\u{301}".repeat(5_000);
    for (number, words) in ["a\0b", "\u{202e}olleh", &combining, "\u{1f600}", "", "   "].iter().enumerate() {
        assert_eq!(
            business.text_from_customer(&world, &format!("SMx{number}"), words).await,
            200,
            "{words:?}"
        );
    }
    let media = Webhook::sms("SMm", &business.customer, &business.number, "").fields(&[
        ("NumMedia", "1"),
        ("MediaUrl0", "https://api.twilio.test/m"),
        ("MediaContentType0", "image/png"),
    ]);
    assert_eq!(media.send(&world).await.status, 200);
    let messages = business.messages(&world).await;
    assert_eq!(messages.len(), 8);
    assert_eq!(messages[1]["text"], "ab");
    assert_eq!(messages[7]["attachments"][0]["content_type"], "image/png");
}

#[actix_web::test]
async fn row_20_a_webhook_over_its_limit_is_413() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let webhook = sms(&business.number).field("Body", &"x".repeat(64 * 1_024));
    webhook.send(&world).await.expect_problem(413, "payload_too_large");
}

#[actix_web::test]
async fn a_signed_webhook_that_lacks_a_field_is_400() {
    let world = World::new();
    let webhook = sms("+15551230000").field("MessageSid", "");
    webhook.send(&world).await.expect_problem(400, "invalid_request");
}

#[actix_web::test]
async fn a_message_to_a_number_that_nobody_has_is_acknowledged_and_dropped() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let answer = sms("+15559999999").send(&world).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, EMPTY_RESPONSE));
    assert_eq!(business.conversations(&world).await.len(), 1);
}

#[actix_web::test]
async fn an_account_of_one_tenant_cannot_speak_to_anothers_number() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    let body = json!({"provider": "twilio", "account_sid": "AC1", "auth_token": "own-token"});
    world.post(&own.path("/provider-accounts")).operator().json(&body).send().await.expect(201);
    assert_eq!(sms(&other.number).account("AC1", "own-token").send(&world).await.status, 200);
    assert_eq!(other.conversations(&world).await.len(), 1);
    assert_eq!(own.conversations(&world).await.len(), 1);
}

#[actix_web::test]
async fn row_55_odd_senders_are_kept_and_marked_by_their_words() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for (number, from) in ["12345", "ACME Inc", "anonymous", "(555) 010"].iter().enumerate() {
        let webhook = Webhook::sms(&format!("SMx{number}"), from, &business.number, "Hello");
        assert_eq!(webhook.send(&world).await.status, 200);
    }
    assert_eq!(business.conversations(&world).await.len(), 5);
}

#[actix_web::test]
async fn row_56_a_message_from_one_of_our_own_numbers_is_dropped() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    for from in [&own.number, &other.number] {
        let webhook = Webhook::sms("SM9", from, &own.number, "Hello, this is a bot");
        assert_eq!(webhook.send(&world).await.status, 200);
    }
    assert_eq!(own.conversations(&world).await.len(), 1);
}

#[actix_web::test]
async fn what_the_carrier_understood_as_stop_or_start_changes_consent_whatever_its_words() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for (sid, word, kind, state) in
        [("SM8", "arret", "STOP", "opted_out"), ("SM9", "reprendre", "START", "opted_in")]
    {
        let webhook = Webhook::sms(sid, &business.customer, &business.number, word);
        assert_eq!(webhook.field("OptOutType", kind).send(&world).await.status, 200);
        let path = format!("/api/v1/consent?address={}", business.customer);
        let consent = world.get(&path).key(&business.key).send().await.expect(200);
        assert_eq!(consent["state"], state, "{word}");
    }
}

#[actix_web::test]
async fn a_suspended_tenants_messages_are_stored() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let set = async |status| {
        world.patch(&business.path("")).operator().json(&json!({"status": status})).send().await.expect(200);
    };
    set("suspended").await;
    assert_eq!(business.text_from_customer(&world, "SM9", "Are you there?").await, 200);
    set("active").await;
    assert_eq!(business.messages(&world).await.len(), 2);
}

#[actix_web::test]
async fn a_store_that_is_down_is_503_so_that_the_carrier_tries_elsewhere() {
    let world = World::with(|_, ports| ports.stores.channels = Arc::new(BrokenStore));
    let answer = sms("+15551230000").send(&world).await;
    answer.expect_problem(503, "unavailable");
    assert!(!answer.header("retry-after").is_empty());
}

#[actix_web::test]
async fn a_local_installation_may_take_unsigned_webhooks() {
    let world = World::with(|settings, _| settings.verify_twilio_signatures = false);
    let business = world.business("Bristol", "+15551230000").await;
    assert_eq!(sms(&business.number).unsigned().send(&world).await.status, 200);
    assert_eq!(business.conversations(&world).await.len(), 2);
}
