//! Everything that processes share through Redis, at least once each: what one does, the other heeds.

use std::time::{Duration, Instant};

use harness::redis::RedisServer;
use serde_json::json;

use super::redis::{AT_MOST, HERE, absent, hear, two};
use crate::support::{Answer, Business, MEMBER_PASSWORD, World, text};

async fn log_in(world: &World, password: &str) -> Answer {
    let body = json!({"email": "staff@example.com", "password": password});
    let began = Instant::now();
    let answer = world.post("/api/v1/auth/login").from(HERE).json(&body).send().await;
    assert!(began.elapsed() < AT_MOST, "{:?}", began.elapsed());
    answer
}

/// Guesses a member's password at the first of two processes until it is kept out there.
async fn guess(worlds: &[World; 2]) {
    let business = worlds[0].business("Bristol", "+15551230000").await;
    worlds[0].add_member(&business, "staff").await;
    for _ in 0..5 {
        log_in(&worlds[0], "wrong").await.expect_problem(401, "unauthorized");
    }
}

#[actix_web::test]
async fn who_guesses_a_password_at_one_process_waits_at_the_other() {
    let redis = RedisServer::start().unwrap();
    let worlds = two([&redis, &redis]);
    guess(&worlds).await;
    log_in(&worlds[1], MEMBER_PASSWORD).await.expect_problem(429, "too_many_failures");
}

#[actix_web::test]
async fn who_is_kept_out_stays_out_when_redis_dies_hangs_or_forgets() {
    for trouble in ["dies", "hangs", "forgets", "was never there"] {
        let mut redis = if trouble == "was never there" { absent() } else { RedisServer::start().unwrap() };
        let worlds = two([&redis, &redis]);
        guess(&worlds).await;
        match trouble {
            "dies" => redis.kill().unwrap(),
            "hangs" => redis.pause().unwrap(),
            "forgets" => redis.flush().unwrap(),
            _ => {}
        }
        log_in(&worlds[0], MEMBER_PASSWORD).await.expect_problem(429, "too_many_failures");
        if trouble == "hangs" {
            redis.resume().unwrap();
        }
    }
}

/// Asks until the answer is yes, for less long than a cache answers by itself: the word of the other process has come.
async fn comes(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < AT_MOST, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn heard() -> (RedisServer, [World; 2], Business) {
    let redis = RedisServer::start().unwrap();
    let worlds = two([&redis, &redis]);
    hear(&worlds).await;
    let business = worlds[0].business("Bristol", "+15551230000").await;
    (redis, worlds, business)
}

#[actix_web::test]
async fn a_tenant_that_one_process_suspends_is_refused_by_the_other() {
    let (_redis, [one, other], business) = heard().await;
    let asks = async || other.get("/api/v1/conversations").key(&business.key).send().await.status;
    assert_eq!(asks().await, 200);
    one.patch(&business.path("")).operator().json(&json!({"status": "suspended"})).send().await.expect(200);
    comes("the tenant is let in for ever", async || asks().await == 403).await;
}

#[actix_web::test]
async fn a_number_that_one_process_switches_off_takes_nothing_in_at_the_other() {
    let (_redis, [one, other], business) = heard().await;
    assert_eq!(business.text_from_customer(&other, "SM0", "hello").await, 200);
    let channels = business.items(&one, &business.path("/channels")).await;
    let path = business.path(&format!("/channels/{}", text(&channels[0]["id"])));
    one.patch(&path).key(&business.key).json(&json!({"is_active": false})).send().await.expect(200);
    let mut texts = 0;
    comes("the number takes messages in for ever", async || {
        let before = business.messages(&one).await.len();
        texts += 1;
        business.text_from_customer(&other, &format!("SM{texts}"), "hello").await;
        business.messages(&one).await.len() == before
    })
    .await;
}

#[actix_web::test]
async fn a_flag_that_one_process_sets_is_set_at_the_other() {
    let (_redis, [one, other], business) = heard().await;
    let flags = business.path("/feature-flags");
    let is_on = async || business.items(&other, &flags).await[0]["enabled"] == true;
    assert!(!is_on().await);
    let path = business.path("/feature-flags/allow_ai_booking");
    one.put(&path).key(&business.key).json(&json!({"enabled": true})).send().await.expect(200);
    comes("the flag is off for ever", is_on).await;
}
