//! Requests of one class do not starve those of another, and none takes for ever.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use actix_web::rt;
use futures_util::{
    StreamExt as _,
    future::{Either, join_all, select},
    stream,
};
use serde_json::json;
use server::http::middleware::LaneSettings;

use crate::support::{Answer, Call, World, text};

const SHORT: Duration = Duration::from_millis(100);
/// Longer than anything here takes, and shorter than what it is compared with.
const LONG: Duration = Duration::from_secs(8);

fn world(places: usize, wait: Duration, limit: Duration) -> World {
    World::with(|settings, _| settings.operations.lanes.api = LaneSettings { places, wait, limit })
}

/// A request of the API that takes a place and never ends by itself, because its body never comes.
fn slow(world: &World) -> Call<'_> {
    let call = world.post("/api/v1/tenants").operator().header("Content-Type", "application/json");
    call.streamed(stream::pending().boxed_local())
}

/// Serves slow requests while `work` is done.
async fn while_slow_ones_are_served<T>(world: &World, count: usize, work: impl Future<Output = T>) -> T {
    let slow_ones = join_all((0..count).map(|_| slow(world).send()));
    let work = async {
        // Lets the slow ones take their places first.
        while world.services.operations.lanes.places()[2].1 < count {
            tokio::task::yield_now().await;
        }
        work.await
    };
    match select(Box::pin(slow_ones), Box::pin(work)).await {
        Either::Left((answers, _)) => panic!("the slow requests ended: {answers:?}"),
        Either::Right((done, _)) => done,
    }
}

fn assert_turned_away(answer: &Answer, code: &str) {
    answer.expect_problem(503, code);
    assert_eq!(answer.header("retry-after"), "2");
}

#[actix_web::test]
async fn a_flood_of_slow_api_requests_holds_no_webhook_and_no_health_check_back() {
    let world = world(4, LONG, LONG);
    let business = world.business("Bristol", "+15551230000").await;
    let started = Instant::now();
    while_slow_ones_are_served(&world, 4, async {
        for number in 0..20 {
            let sid = format!("SMflood{number}");
            assert_eq!(business.text_from_customer(&world, &sid, "Hello").await, 200);
        }
        world.get("/readyz").send().await.expect(200);
        assert_eq!(world.get("/metrics").operator().send().await.status, 200);
    })
    .await;
    assert!(started.elapsed() < LONG, "they waited for the API's places");
}

#[actix_web::test]
async fn all_of_the_chat_has_places_of_its_own() {
    let closed = LaneSettings { places: 0, wait: SHORT, limit: LONG };
    let chat_closed = World::with(|settings, _| settings.operations.lanes.chat = closed);
    let api_closed = World::with(|settings, _| settings.operations.lanes.api = closed);
    for (method, path) in
        [("POST", "/api/v1/chat"), ("POST", "/api/v1/chat/sessions"), ("GET", "/api/v1/chat/messages")]
    {
        assert_turned_away(&Call::new(&chat_closed, method, path).send().await, "overloaded");
        Call::new(&api_closed, method, path).send().await.expect_problem(401, "unauthorized");
    }
    for path in ["/api/v1/tenants", "/api/v1/chats"] {
        assert_turned_away(&api_closed.get(path).operator().send().await, "overloaded");
    }
    chat_closed.get("/api/v1/tenants").operator().send().await.expect(200);
}

#[actix_web::test]
async fn a_path_is_in_its_lane_however_it_is_spelt() {
    let closed = LaneSettings { places: 0, wait: SHORT, limit: LONG };
    let webhooks_closed = World::with(|settings, _| settings.operations.lanes.webhooks = closed);
    let chat_closed = World::with(|settings, _| settings.operations.lanes.chat = closed);
    let api_closed = World::with(|settings, _| settings.operations.lanes.api = closed);
    for (world, method, path) in [
        (&webhooks_closed, "POST", "/%77ebhooks/twilio/sms"),
        (&webhooks_closed, "POST", "/api/v1/webhook%73/twilio/sms"),
        (&chat_closed, "POST", "/api/v1/%63hat"),
        (&chat_closed, "GET", "/api/v1/cha%74/messages"),
        (&api_closed, "GET", "/%61pi/v1/conversations"),
        (&api_closed, "GET", "/api/%76%31/conversations"),
    ] {
        assert_turned_away(&Call::new(world, method, path).send().await, "overloaded");
    }
    chat_closed.get("/%61pi/v1/tenants").operator().send().await.expect(200);
}

#[actix_web::test]
async fn where_no_place_comes_free_the_caller_is_asked_to_come_again() {
    let world = world(2, SHORT, LONG);
    while_slow_ones_are_served(&world, 2, async {
        let answer = world.get("/api/v1/tenants").operator().send().await;
        assert_turned_away(&answer, "overloaded");
        let page = world.get("/metrics").operator().send().await.text();
        assert!(page.contains(r#"cheetah_http_turned_away_total{lane="api",reason="busy"} 1"#), "{page}");
        assert!(page.contains(r#"cheetah_http_places{lane="api",state="in_use"} 2"#), "{page}");
    })
    .await;
    world.get("/api/v1/tenants").operator().send().await.expect(200);
}

#[actix_web::test]
async fn a_request_that_takes_too_long_is_given_up_and_its_place_is_free_again() {
    let world = world(1, SHORT, SHORT);
    assert_turned_away(&slow(&world).send().await, "took_too_long");
    world.get("/api/v1/tenants").operator().send().await.expect(200);
}

#[actix_web::test]
async fn a_named_request_that_is_served_on_after_its_caller_has_gone_keeps_its_place() {
    let one = LaneSettings { places: 1, wait: SHORT, limit: LONG };
    let world = Rc::new(World::with(|settings, _| settings.operations.lanes.chat = one));
    let business = world.business("Bristol", "+15551230000").await;
    let site = json!({"name": "site", "allowed_origins": ["*"]});
    let made = world.post(&business.path("/widget-tokens")).operator().json(&site);
    let token = text(&made.send().await.expect(201)["token"]);
    let go = world.model.then_waits();
    world.model.then_says("Yes, we fix sinks.");
    let visitor = rt::spawn({
        let (world, token) = (Rc::clone(&world), token.clone());
        async move {
            let body = json!({"session_id": "visitor", "text": "Do you fix sinks?"});
            let call = world.post("/api/v1/chat").header("X-Widget-Token", &token).json(&body);
            call.header("Idempotency-Key", "once").send().await
        }
    });
    world.model.asked().await;
    visitor.abort();
    assert!(visitor.await.is_err_and(|error| error.is_cancelled()));
    let read = || world.get("/api/v1/chat/messages").header("X-Widget-Token", &token).send();
    assert_turned_away(&read().await, "overloaded");
    go.notify_one();
    while world.services.operations.lanes.places()[1].1 > 0 {
        tokio::task::yield_now().await;
    }
    assert_ne!(read().await.status, 503);
}
