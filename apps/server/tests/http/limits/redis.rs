//! Two processes that share a Redis, and what holds while it is away, hangs or forgets.

use std::time::{Duration, Instant};

use cheetah_redis::RedisSettings;
use harness::redis::RedisServer;
use limits::Quota;
use serde_json::json;
use server::compose::Ports;

use crate::support::{Answer, World, text};

pub(super) const HERE: &str = "203.0.113.9";
/// How long an answer may take while Redis is in trouble, on a busy machine.
pub(super) const AT_MOST: Duration = Duration::from_secs(3);
/// How long what a cache holds may be old, and as much again for a busy machine.
const OLD: Duration = Duration::from_secs(10);

/// More patient than production, so that a busy machine is not taken for a Redis that is away.
fn settings(redis: &RedisServer) -> RedisSettings {
    let mut settings = RedisSettings::new(redis.url(), "tests");
    settings.command_timeout = Duration::from_millis(400);
    settings.connect_timeout = Duration::from_millis(800);
    settings.longest_absence = Duration::from_millis(300);
    settings
}

/// Composes two applications on one database, each with a Redis and all else that a process has for itself.
pub(super) fn two(redis: [&RedisServer; 2]) -> [World; 2] {
    let mut kept: Option<Ports> = None;
    redis.map(|redis| {
        World::with(|rules, ports| {
            rules.limits.quotas.api.address = Quota::per_hour(10);
            let stores = kept.get_or_insert_with(|| ports.clone()).stores.clone();
            let own = Ports { stores, ..ports.clone() };
            *ports = own.share_through_redis(settings(redis)).unwrap();
        })
    })
}

pub(super) fn absent() -> RedisServer {
    let mut redis = RedisServer::start().unwrap();
    redis.kill().unwrap();
    redis
}

/// Asks so often, each time answered in time, and returns how often it was allowed.
async fn allowed(world: &World, times: usize) -> usize {
    let mut allowed = 0;
    for _ in 0..times {
        let began = Instant::now();
        let answer = world.get("/api/v1/tenants").operator().from(HERE).send().await;
        assert!(began.elapsed() < AT_MOST, "{:?}", began.elapsed());
        assert!([200, 429].contains(&answer.status), "{answer:?}");
        allowed += usize::from(answer.status == 200);
    }
    allowed
}

async fn metrics(world: &World) -> String {
    world.get("/metrics").operator().send().await.text()
}

/// Waits until these hear of changes, so that they use their caches.
pub(super) async fn hear(worlds: &[World]) {
    for world in worlds {
        while !metrics(world).await.contains("cheetah_redis_changes_heard 1") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Returns how many commands for Redis had this outcome.
async fn commands(world: &World, outcome: &str) -> u64 {
    let (page, series) =
        (metrics(world).await, format!("cheetah_redis_commands_total{{outcome=\"{outcome}\"}} "));
    let found = page.lines().find_map(|line| line.strip_prefix(&series));
    found.unwrap_or_else(|| panic!("{outcome}: {page}")).parse().unwrap()
}

#[actix_web::test]
async fn commands_are_counted_by_what_came_of_them() {
    let mut redis = RedisServer::start().unwrap();
    let [one, _other] = two([&redis, &redis]);
    let answered = commands(&one, "answered").await;
    assert_eq!(allowed(&one, 3).await, 3);
    assert!(commands(&one, "answered").await >= answered + 3, "each request counts itself there");
    redis.kill().unwrap();
    let (failed, spared) = (commands(&one, "failed").await, commands(&one, "spared").await);
    assert_eq!(allowed(&one, 6).await, 6);
    assert!(commands(&one, "failed").await > failed, "the first finds it gone");
    assert!(commands(&one, "spared").await > spared, "those that follow at once are not sent");
}

#[actix_web::test]
async fn two_processes_have_one_allowance_together() {
    let redis = RedisServer::start().unwrap();
    let [one, other] = two([&redis, &redis]);
    assert_eq!(allowed(&one, 6).await, 6);
    assert_eq!(allowed(&other, 10).await, 4);
    assert_eq!(allowed(&one, 5).await, 0);
}

#[actix_web::test]
async fn without_redis_each_process_counts_by_itself() {
    let redis = absent();
    for world in &two([&redis, &redis]) {
        assert_eq!(allowed(world, 30).await, 10);
    }
}

#[actix_web::test]
async fn when_redis_dies_each_process_goes_on_from_its_own_count() {
    let mut redis = RedisServer::start().unwrap();
    let [one, other] = two([&redis, &redis]);
    assert_eq!(allowed(&one, 6).await, 6);
    redis.kill().unwrap();
    assert_eq!(allowed(&one, 30).await, 4);
    assert_eq!(allowed(&other, 30).await, 10);
}

#[actix_web::test]
async fn while_redis_hangs_each_process_counts_and_nobody_waits_for_long() {
    let redis = RedisServer::start().unwrap();
    let [one, other] = two([&redis, &redis]);
    assert_eq!(allowed(&one, 6).await, 6);
    redis.pause().unwrap();
    assert_eq!(allowed(&one, 30).await, 4);
    assert_eq!(allowed(&other, 30).await, 10);
    redis.resume().unwrap();
}

#[actix_web::test]
async fn a_redis_that_forgets_opens_nothing_that_was_closed() {
    let redis = RedisServer::start().unwrap();
    let [one, other] = two([&redis, &redis]);
    assert_eq!(allowed(&one, 12).await, 10);
    redis.flush().unwrap();
    assert_eq!(allowed(&one, 10).await, 0);
    assert_eq!(allowed(&other, 30).await, 10);
}

#[actix_web::test]
async fn a_guesser_is_slowed_by_both_processes() {
    let redis = RedisServer::start().unwrap();
    let [one, other] = two([&redis, &redis]);
    let guess = async |world: &World| -> Answer {
        // Not the API, whose allowance is small here.
        world.get("/metrics").key("cc_live_guess").from(HERE).send().await
    };
    for _ in 0..30 {
        guess(&one).await.expect_problem(401, "unauthorized");
    }
    guess(&other).await.expect_problem(429, "too_many_failures");
}

#[actix_web::test]
async fn a_key_that_one_process_revokes_is_refused_by_the_other_at_once() {
    let redis = RedisServer::start().unwrap();
    let worlds = two([&redis, &redis]);
    hear(&worlds).await;
    let (business, revoke) = key_to_revoke(&worlds).await;
    assert_eq!(worlds[0].delete(&revoke).operator().send().await.status, 204);
    // The word is on its way when the answer is; it takes a moment.
    let took = until_refused(&worlds[1], &business).await;
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[actix_web::test]
async fn a_key_that_is_revoked_while_redis_is_dead_is_refused_within_seconds() {
    let mut redis = RedisServer::start().unwrap();
    let worlds = two([&redis, &redis]);
    hear(&worlds).await;
    let (business, revoke) = key_to_revoke(&worlds).await;
    redis.kill().unwrap();
    assert_eq!(worlds[0].delete(&revoke).operator().send().await.status, 204);
    let took = until_refused(&worlds[1], &business).await;
    assert!(took < OLD, "{took:?}");
}

#[actix_web::test]
async fn a_key_that_is_revoked_by_a_process_without_redis_is_refused_within_seconds() {
    let (redis, none) = (RedisServer::start().unwrap(), absent());
    let worlds = two([&none, &redis]);
    hear(&worlds[1..]).await;
    let (business, revoke) = key_to_revoke(&worlds).await;
    assert_eq!(worlds[0].delete(&revoke).operator().send().await.status, 204);
    let took = until_refused(&worlds[1], &business).await;
    assert!(took < OLD, "{took:?}");
}

#[actix_web::test]
async fn a_server_whose_redis_is_away_takes_messages_in_and_says_so() {
    let redis = absent();
    let [world, _] = two([&redis, &redis]);
    let body = world.get("/readyz").send().await.expect(200);
    assert_eq!(body["status"], "degraded");
    let check = json!({
        "name": "redis", "status": "failed", "required": false, "detail": "does not answer"
    });
    assert!(body["checks"].as_array().unwrap().contains(&check), "{body}");
    assert!(!body.to_string().contains("127.0.0.1"));
    world.business("Bristol", "+15551230000").await;
    assert!(metrics(&world).await.contains("cheetah_redis_changes_heard 0"));
}

/// Makes a tenant with a key that both processes have just let in, and returns the key and its path.
async fn key_to_revoke(worlds: &[World; 2]) -> (String, String) {
    let business = worlds[0].business("Bristol", "+15551230000").await;
    let made = worlds[0].post(&business.path("/api-keys")).operator().json(&json!({"name": "till"}));
    let made = made.send().await.expect(201);
    let key = text(&made["key"]);
    for world in worlds {
        world.get("/api/v1/conversations").key(&key).send().await.expect(200);
    }
    (key, business.path(&format!("/api-keys/{}", text(&made["id"]))))
}

/// Asks with a key until it is refused, and returns how long that took.
async fn until_refused(world: &World, key: &str) -> Duration {
    let began = Instant::now();
    while world.get("/api/v1/conversations").key(key).send().await.status != 401 {
        assert!(began.elapsed() < OLD * 2, "it is never refused");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    began.elapsed()
}
