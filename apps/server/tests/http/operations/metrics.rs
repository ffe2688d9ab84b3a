//! `/metrics`

use std::{sync::Arc, time::Duration};

use actix_web::rt;
use conversation::ModelError;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{BrokenStore, Call, Webhook, World};

async fn metrics(world: &World) -> String {
    let answer = world.get("/metrics").operator().send().await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "text/plain; version=0.0.4; charset=utf-8")
    );
    answer.text()
}

/// Returns the value of a series, written as on the page.
fn value(page: &str, series: &str) -> Option<f64> {
    let mut lines = page.lines().filter_map(|line| line.rsplit_once(' '));
    lines.find(|(name, _)| *name == series).map(|(_, value)| value.parse().unwrap())
}

fn has(page: &str, series: &str, expected: f64) {
    let found = value(page, series);
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{series} is {found:?} in\n{page}");
}

#[actix_web::test]
async fn only_the_operator_sees_them() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    world.get("/metrics").send().await.expect_problem(401, "unauthorized");
    world.get("/metrics").key(&business.key).send().await.expect_problem(403, "forbidden");
    assert!(metrics(&world).await.contains("# HELP cheetah_http_requests_total"));
}

#[actix_web::test]
async fn requests_are_counted_by_route_method_and_status() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = business.conversation_id(&world).await;
    for _ in 0..3 {
        world.get(&format!("/api/v1/conversations/{id}")).key(&business.key).send().await.expect(200);
    }
    world.get("/no/such/path").send().await.expect_problem(404, "not_found");
    Call::new(&world, "MADEUP", "/healthz").send().await.expect_problem(405, "method_not_allowed");
    let page = metrics(&world).await;
    let route = r#"route="/api/v1/conversations/{conversation_id}",method="GET""#;
    has(&page, &format!(r#"cheetah_http_requests_total{{{route},status="200"}}"#), 3.0);
    has(&page, &format!("cheetah_http_request_duration_seconds_count{{{route}}}"), 3.0);
    has(&page, r#"cheetah_http_requests_total{route="unmatched",method="GET",status="404"}"#, 1.0);
    has(&page, r#"cheetah_http_requests_total{route="/healthz",method="other",status="405"}"#, 1.0);
    assert!(!page.contains("MADEUP") && !page.contains(&id), "a label that anybody can make up: {page}");
}

#[actix_web::test]
async fn webhooks_are_timed_and_refusals_counted_by_reason() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let sms = || Webhook::sms("SM1", "+15550001111", &business.number, "Hello");
    assert_eq!(sms().unsigned().send(&world).await.status, 403);
    assert_eq!(sms().path("/api/v1/webhooks/twilio/sms").unsigned().send(&world).await.status, 403);
    assert_eq!(sms().field("To", "+15559999999").send(&world).await.status, 200);
    assert_eq!(sms().field("From", &business.number).send(&world).await.status, 200);
    let report = Webhook::status("/webhooks/twilio/status", "SMnone", &business.number, "sent");
    assert_eq!(report.send(&world).await.status, 200);
    let page = metrics(&world).await;
    let refused = |webhook, reason, count| {
        let labels = format!(r#"webhook="/webhooks/twilio/{webhook}",reason="{reason}""#);
        has(&page, &format!("cheetah_webhook_refusals_total{{{labels}}}"), count);
    };
    refused("sms", "bad_signature", 2.0);
    refused("sms", "unknown_number", 1.0);
    refused("sms", "own_number", 1.0);
    refused("status", "unknown_message", 1.0);
    has(&page, r#"cheetah_webhook_duration_seconds_count{webhook="/webhooks/twilio/sms"}"#, 5.0);
}

#[actix_web::test]
async fn messages_are_counted_by_tenant_up_to_a_number_of_tenants() {
    let world = World::new();
    let [first, second] =
        [world.business("Bristol", "+15551230000").await, world.business("Exeter", "+15551230001").await];
    for (name, number) in [("Bath", "+15551230002"), ("Wells", "+15551230003")] {
        world.business(name, number).await;
    }
    assert_eq!(first.text_from_customer(&world, "SMagain", "And baths?").await, 200);
    assert_eq!(first.text_from_customer(&world, "SMagain", "And baths?").await, 200);
    let page = metrics(&world).await;
    let inbound = |tenant: &str, count| {
        let series = format!(r#"cheetah_tenant_messages_total{{tenant="{tenant}",direction="inbound"}}"#);
        has(&page, &series, count);
    };
    inbound(&first.id, 2.0);
    inbound(&second.id, 1.0);
    inbound("other", 2.0);
}

#[actix_web::test]
async fn a_chat_is_timed_by_stage() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let site = json!({"name": "site", "allowed_origins": ["*"]});
    let token = world.post(&business.path("/widget-tokens")).operator().json(&site);
    let token = token.send().await.expect(201)["token"].as_str().unwrap().to_owned();
    let said = json!({"session_id": "visitor", "text": "Do you fix sinks?"});
    world.post("/api/v1/chat").header("X-Widget-Token", &token).json(&said).send().await.expect(200);
    let page = metrics(&world).await;
    for stage in ["queued", "generated", "committed", "whole"] {
        has(&page, &format!(r#"cheetah_turn_stage_seconds_count{{stage="{stage}"}}"#), 1.0);
    }
    has(&page, r#"cheetah_turns_total{outcome="replied"}"#, 1.0);
    has(&page, r#"cheetah_model_calls_total{outcome="ok"}"#, 1.0);
    has(&page, r#"cheetah_jobs_claimed_total{kind="turn"}"#, 1.0);
    let tenant = &business.id;
    has(&page, &format!(r#"cheetah_tenant_messages_total{{tenant="{tenant}",direction="outbound"}}"#), 1.0);
    has(&page, &format!(r#"cheetah_tenant_turns_total{{tenant="{tenant}"}}"#), 1.0);
}

#[actix_web::test]
async fn what_is_not_sent_is_counted_by_its_reason() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for (sid, said) in [("SMstop", "STOP"), ("SMmore", "And do you fix baths?")] {
        assert_eq!(business.text_from_customer(&world, sid, said).await, 200);
    }
    world.pass(60);
    let series = r#"cheetah_sends_refused_total{reason="opted_out"}"#;
    work_until_counted(&world, series).await;
    has(&metrics(&world).await, series, 1.0);
}

/// Lets the worker work until something has been counted.
async fn work_until_counted(world: &World, series: &str) {
    let stop = CancellationToken::new();
    let working = rt::spawn(Arc::clone(&world.worker).run(stop.clone()));
    let counted = async {
        while value(&metrics(world).await, series).is_none() {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), counted).await;
    stop.cancel();
    working.await.unwrap();
    assert!(in_time.is_ok(), "{series} was not counted");
}

#[actix_web::test]
async fn a_turn_whose_model_fails_is_counted_as_given_back() {
    let world = World::new();
    // Creating the business leaves a message to answer.
    world.business("Bristol", "+15551230000").await;
    world.pass(60);
    world.model.then_fails(ModelError::TimedOut("it ended"));
    work_until_counted(&world, r#"cheetah_jobs_given_back_total{kind="turn"}"#).await;
    let page = metrics(&world).await;
    has(&page, r#"cheetah_jobs_given_back_total{kind="turn"}"#, 1.0);
    has(&page, r#"cheetah_turns_total{outcome="postponed"}"#, 1.0);
    has(&page, r#"cheetah_model_calls_total{outcome="timed_out"}"#, 1.0);
    assert_eq!(value(&page, r#"cheetah_jobs_failed_total{kind="turn"}"#), None, "the store was well");
}

#[actix_web::test]
async fn a_job_whose_store_fails_is_counted_as_failed_and_given_back() {
    let mut kept = None;
    let world = World::with(|_, ports| kept = Some(ports.stores.clone()));
    world.business("Bristol", "+15551230000").await;
    let broken = World::with(|_, ports| {
        ports.stores = kept.take().unwrap();
        ports.stores.tenants = Arc::new(BrokenStore);
    });
    broken.pass(60);
    work_until_counted(&broken, r#"cheetah_jobs_given_back_total{kind="turn"}"#).await;
    let page = metrics(&broken).await;
    has(&page, r#"cheetah_jobs_failed_total{kind="turn"}"#, 1.0);
    has(&page, r#"cheetah_jobs_given_back_total{kind="turn"}"#, 1.0);
    has(&page, r#"cheetah_store_errors_total{place="worker",kind="unavailable"}"#, 1.0);
}

#[actix_web::test]
async fn the_oldest_job_that_waits_shows_its_age() {
    let world = World::new();
    has(&metrics(&world).await, "cheetah_queue_oldest_due_seconds", 0.0);
    // Creating the business leaves a message to answer, due two seconds later; nobody works here.
    world.business("Bristol", "+15551230000").await;
    world.pass(62);
    has(&metrics(&world).await, "cheetah_queue_oldest_due_seconds", 60.0);
}

#[actix_web::test]
async fn the_page_comes_while_the_database_is_down_and_counts_its_failures() {
    let world = World::with(|_, ports| ports.stores.tenants = Arc::new(BrokenStore));
    world.get("/api/v1/tenants").operator().send().await.expect_problem(503, "unavailable");
    let page = metrics(&world).await;
    has(&page, r#"cheetah_store_errors_total{place="http",kind="unavailable"}"#, 1.0);
    assert!(value(&page, "process_resident_memory_bytes").is_some_and(|bytes| bytes > 1e6));
    assert!(value(&page, "process_start_time_seconds").is_some_and(|at| at > 1.7e9));
}
