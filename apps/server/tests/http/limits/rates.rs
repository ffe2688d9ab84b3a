//! Requests are limited by address, credential and tenant, each class apart.

use limits::Quota;
use serde_json::json;
use server::{config::TrustedProxies, limits::Quotas};

use crate::support::{Answer, Business, Call, Webhook, World, text};

const HERE: &str = "203.0.113.9";
const ELSEWHERE: &str = "198.51.100.1";

fn world(change: impl FnOnce(&mut Quotas)) -> World {
    World::with(|settings, _| change(&mut settings.limits.quotas))
}

fn list<'world>(world: &'world World, key: &str) -> Call<'world> {
    world.get("/api/v1/conversations").key(key)
}

async fn another_key(world: &World, business: &Business) -> String {
    let made = world.post(&business.path("/api-keys")).operator().json(&json!({"name": "another"}));
    text(&made.send().await.expect(201)["key"])
}

async fn widget_token(world: &World, business: &Business) -> String {
    let site = json!({"name": "site", "allowed_origins": ["*"]});
    let made = world.post(&business.path("/widget-tokens")).operator().json(&site);
    text(&made.send().await.expect(201)["token"])
}

fn assert_limited(answer: &Answer, seconds: &str) {
    answer.expect_problem(429, "rate_limited");
    assert_eq!(answer.header("retry-after"), seconds);
}

#[actix_web::test]
async fn an_address_that_asks_too_often_waits_as_long_as_it_is_told_and_nobody_elsewhere_does() {
    let world = world(|quotas| quotas.api.address = Quota::per_minute(3));
    let business = world.business("Bristol", "+15551230000").await;
    for _ in 0..3 {
        list(&world, &business.key).from(HERE).send().await.expect(200);
    }
    assert_limited(&list(&world, &business.key).from(HERE).send().await, "20");
    assert_limited(&world.get("/api/v1/contacts").from(HERE).send().await, "20");
    list(&world, &business.key).from(ELSEWHERE).send().await.expect(200);
    world.pass(20);
    list(&world, &business.key).from(HERE).send().await.expect(200);
    assert_limited(&list(&world, &business.key).from(HERE).send().await, "20");
}

#[actix_web::test]
async fn reading_too_often_is_no_reason_not_to_write() {
    let world = world(|quotas| quotas.api.address = Quota::per_minute(1));
    let business = world.business("Bristol", "+15551230000").await;
    list(&world, &business.key).from(HERE).send().await.expect(200);
    assert_limited(&list(&world, &business.key).from(HERE).send().await, "60");
    let made = world.post(&business.path("/api-keys")).key(&business.key).json(&json!({"name": "till"}));
    made.from(HERE).send().await.expect(201);
}

#[actix_web::test]
async fn a_credential_that_asks_too_often_waits_wherever_it_asks_from_and_no_other_of_its_tenant_does() {
    let world = world(|quotas| quotas.api.credential = Quota::per_minute(5));
    let business = world.business("Bristol", "+15551230000").await;
    let other = another_key(&world, &business).await;
    for last in 0..5 {
        list(&world, &business.key).from(&format!("203.0.113.{last}")).send().await.expect(200);
    }
    assert_limited(&list(&world, &business.key).from(ELSEWHERE).send().await, "12");
    list(&world, &other).from(ELSEWHERE).send().await.expect(200);
}

#[actix_web::test]
async fn a_trusted_caller_of_one_tenant_uses_up_nothing_of_anothers() {
    let world = World::with(|settings, _| {
        settings.trust_business_id = true;
        settings.limits.quotas.api.credential = Quota::per_minute(6);
    });
    let (one, two) =
        (world.business("Bristol", "+15551230000").await, world.business("Exeter", "+15551230001").await);
    let list = async |header: &str, business: &Business| {
        world.get("/api/v1/conversations").header(header, &business.id).send().await
    };
    for _ in 0..6 {
        list("X-Business-ID", &one).await.expect(200);
    }
    assert_limited(&list("X-Tenant-Id", &one).await, "10");
    list("X-Business-ID", &two).await.expect(200);
}

#[actix_web::test]
async fn a_tenant_has_one_allowance_for_all_its_credentials_and_another_tenant_its_own() {
    let world = world(|quotas| quotas.api.tenant = Quota::per_minute(6));
    let (one, two) =
        (world.business("Bristol", "+15551230000").await, world.business("Exeter", "+15551230001").await);
    let keys = [one.key.clone(), another_key(&world, &one).await];
    for number in 0..6 {
        list(&world, &keys[number % 2]).send().await.expect(200);
    }
    for key in &keys {
        assert_limited(&list(&world, key).send().await, "10");
    }
    list(&world, &two.key).send().await.expect(200);
}

#[actix_web::test]
async fn a_credential_that_has_to_wait_uses_up_nothing_of_its_tenants() {
    let world = world(|quotas| {
        quotas.api.credential = Quota::per_minute(4);
        quotas.api.tenant = Quota::per_minute(8);
    });
    let business = world.business("Bristol", "+15551230000").await;
    let other = another_key(&world, &business).await;
    for _ in 0..50 {
        list(&world, &business.key).send().await;
    }
    for _ in 0..4 {
        list(&world, &other).send().await.expect(200);
    }
}

#[actix_web::test]
async fn chat_is_limited_by_address_and_its_page_may_read_that() {
    let world = world(|quotas| quotas.chat.address = Quota::per_minute(2));
    let business = world.business("Bristol", "+15551230000").await;
    let token = widget_token(&world, &business).await;
    let say = |address: &str| {
        let body = json!({"session_id": address, "text": "Do you fix sinks?"});
        let call = world.post("/api/v1/chat").header("X-Widget-Token", &token).json(&body);
        call.header("Origin", "https://bristol.example").from(address)
    };
    for _ in 0..2 {
        say(HERE).send().await.expect(200);
    }
    let refused = say(HERE).send().await;
    assert_limited(&refused, "30");
    assert_eq!(refused.header("access-control-allow-origin"), "https://bristol.example");
    assert!(refused.header("access-control-expose-headers").contains("retry-after"));
    say(ELSEWHERE).send().await.expect(200);
    let asked = Call::new(&world, "OPTIONS", "/api/v1/chat").from(HERE).send().await;
    assert_eq!(asked.status, 204, "what a browser asks first is not counted");
}

#[actix_web::test]
async fn a_visitor_who_reads_often_may_write_none_the_less() {
    let world = world(|quotas| {
        quotas.chat.address = Quota::per_minute(2);
        quotas.chat_reads.address = Quota::per_minute(3);
    });
    let business = world.business("Bristol", "+15551230000").await;
    let page = widget_token(&world, &business).await;
    let opened = world.post("/api/v1/chat/sessions").header("X-Widget-Token", &page).from(HERE).send().await;
    let visitor = text(&opened.expect(201)["visitor_token"]);
    let read = || world.get("/api/v1/chat/messages").header("X-Visitor-Token", &visitor).from(HERE).send();
    for _ in 0..3 {
        read().await.expect(200);
    }
    assert_limited(&read().await, "20");
    let said = world.post("/api/v1/chat").header("X-Visitor-Token", &visitor).from(HERE);
    said.json(&json!({"text": "Do you fix sinks?"})).send().await.expect(200);
    let page = world.get("/metrics").operator().send().await.text();
    let series = r#"cheetah_http_limited_total{class="chat_read",reason="address"} 1"#;
    assert!(page.contains(series), "{page}");
}

#[actix_web::test]
async fn carriers_are_not_limited_by_their_address() {
    let world = world(|quotas| {
        quotas.api.address = Quota::per_minute(1);
        quotas.wrong_credentials = Quota::per_minute(1);
    });
    let business = world.business("Bristol", "+15551230000").await;
    for path in ["/webhooks/twilio/sms", "/api/v1/webhooks/twilio/sms", "/twilio/sms"] {
        for number in 0..10 {
            let sid = format!("SM{}{number}", path.len());
            let sms = Webhook::sms(&sid, &business.customer, &business.number, "Hello").path(path);
            assert_eq!(sms.from(HERE).send(&world).await.status, 200);
        }
    }
}

#[actix_web::test]
async fn what_runs_the_server_is_not_limited() {
    let world = world(|quotas| quotas.api.address = Quota::per_minute(1));
    for path in ["/", "/healthz", "/readyz", "/health", "/openapi.json"] {
        for _ in 0..10 {
            assert_eq!(world.get(path).from(HERE).send().await.status, 200, "{path}");
        }
    }
    for _ in 0..10 {
        assert_eq!(world.get("/metrics").operator().from(HERE).send().await.status, 200);
    }
}

#[actix_web::test]
async fn other_names_of_paths_are_limited_with_them() {
    let world = world(|quotas| quotas.api.address = Quota::per_minute(2));
    world.get("/admin/tenants").operator().from(HERE).send().await.expect(200);
    world.get("/api/v1/tenants").operator().from(HERE).send().await.expect(200);
    assert_limited(&world.get("/api/tenants").operator().from(HERE).send().await, "30");
}

#[actix_web::test]
async fn behind_a_proxy_that_is_trusted_each_caller_has_an_allowance() {
    let world = World::with(|settings, _| {
        settings.limits.quotas.api.address = Quota::per_minute(1);
        settings.limits.trusted_proxies = TrustedProxies::parse("10.0.0.0/8").unwrap();
    });
    let ask = async |peer: &str, forwarded: &str| {
        let call = world.get("/api/v1/tenants").operator().from(peer).header("X-Forwarded-For", forwarded);
        call.send().await.status
    };
    assert_eq!(ask("10.0.0.1", HERE).await, 200);
    assert_eq!(ask("10.0.0.2", HERE).await, 429, "the same caller by another proxy");
    assert_eq!(
        ask("10.0.0.1", &format!("192.0.2.1, {HERE}")).await,
        429,
        "what a caller makes up is not read"
    );
    assert_eq!(ask("10.0.0.1", ELSEWHERE).await, 200);
    assert_eq!(ask("192.0.2.7", "192.0.2.8").await, 200);
    assert_eq!(ask("192.0.2.7", "192.0.2.9").await, 429, "a stranger's word is not taken");
}

#[actix_web::test]
async fn refusals_are_counted_by_class_and_reason() {
    let world = world(|quotas| quotas.api.address = Quota::per_minute(1));
    for _ in 0..3 {
        world.get("/api/v1/tenants").operator().from(HERE).send().await;
    }
    let page = world.get("/metrics").operator().send().await.text();
    let series = r#"cheetah_http_limited_total{class="read",reason="address"} 2"#;
    assert!(page.contains(series), "{page}");
}
