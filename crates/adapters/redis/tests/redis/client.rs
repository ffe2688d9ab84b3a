//! A Redis that is away costs little, and one that is back is used again.

use std::time::{Duration, Instant};

use cheetah_redis::{RedisClient, RedisFailure, RedisSettings};

use crate::support::{MARGIN, absent, ask, client, eventually, in_time, running};

#[tokio::test]
async fn a_redis_that_answers_is_healthy() {
    let server = running();
    let client = client(server.url());
    client.health().await.unwrap();
    assert_eq!(client.counts().answered, 1);
    assert_eq!(client.counts().failed, 0);
}

#[test]
fn what_is_no_redis_url_is_refused_at_once_and_the_answer_says_how_to_write_one() {
    for url in ["", "localhost:6379", "http://localhost", "redis://"] {
        let refusal = RedisClient::new(RedisSettings::new(url, "test")).err().unwrap();
        assert!(refusal.to_string().contains("redis://"), "{url}: {refusal}");
    }
}

#[tokio::test]
async fn an_absent_redis_is_found_when_it_comes() {
    let mut server = absent();
    let client = client(server.url());
    assert!(matches!(in_time(client.health()).await, Err(RedisFailure::Failed(_))));
    server.restart().unwrap();
    eventually("Redis is healthy", || async { client.health().await.is_ok() }).await;
}

#[tokio::test]
async fn a_killed_redis_is_found_again_when_it_is_back() {
    let mut server = running();
    let client = client(server.url());
    client.health().await.unwrap();
    server.kill().unwrap();
    assert!(in_time(client.health()).await.is_err());
    server.restart().unwrap();
    eventually("Redis is healthy", || async { client.health().await.is_ok() }).await;
}

#[tokio::test]
async fn a_hanging_redis_is_waited_for_no_longer_than_the_time_out() {
    let server = running();
    let client = client(server.url());
    client.health().await.unwrap();
    server.pause().unwrap();
    assert!(matches!(in_time(client.health()).await, Err(RedisFailure::TimedOut)));
    server.resume().unwrap();
    eventually("Redis is healthy", || async { client.health().await.is_ok() }).await;
}

#[tokio::test]
async fn a_redis_that_hangs_from_the_start_is_waited_for_no_longer_than_the_time_out() {
    let server = running();
    server.pause().unwrap();
    let client = client(server.url());
    assert!(matches!(in_time(client.health()).await, Err(RedisFailure::TimedOut)));
}

#[tokio::test]
async fn while_redis_hangs_only_the_first_call_waits() {
    let server = running();
    let client = client(server.url());
    server.pause().unwrap();
    assert!(client.health().await.is_err());
    let began = Instant::now();
    for _ in 0..1_000 {
        assert!(matches!(client.health().await, Err(RedisFailure::LeftAlone)));
    }
    // Each waiting out a time-out of 200 ms, it would be minutes.
    assert!(began.elapsed() < MARGIN, "{:?}", began.elapsed());
    assert_eq!(client.counts().spared, 1_000);
}

#[tokio::test]
async fn many_calls_at_once_on_a_hanging_redis_wait_together() {
    let server = running();
    let client = client(server.url());
    client.health().await.unwrap();
    server.pause().unwrap();
    let calls = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { in_time(client.health()).await.is_err() })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.unwrap());
    }
}

#[tokio::test]
async fn a_port_where_something_else_answers_is_a_failure() {
    let server = running();
    let client = client(&format!("rediss://127.0.0.1:{}", server.port()));
    assert!(in_time(client.health()).await.is_err(), "this Redis speaks no TLS");
}

#[tokio::test]
async fn a_password_that_is_wrong_is_a_failure_that_does_not_show_it() {
    let server = running();
    ask::<()>(&server, &["CONFIG", "SET", "requirepass", "right"]);
    let wrong = client(&format!("redis://:hunter2@127.0.0.1:{}", server.port()));
    let failure = wrong.health().await.unwrap_err();
    assert!(!format!("{failure} {failure:?}").contains("hunter2"), "{failure:?}");
    client(&format!("redis://:right@127.0.0.1:{}", server.port())).health().await.unwrap();
}

#[tokio::test]
async fn the_defaults_wait_for_fifty_milliseconds_and_leave_redis_alone_for_five_seconds_at_most() {
    let settings = RedisSettings::new("redis://localhost", "test");
    assert_eq!(settings.command_timeout, Duration::from_millis(50));
    assert_eq!(settings.connect_timeout, Duration::from_millis(250));
    assert_eq!(settings.longest_absence, Duration::from_secs(5));
}
