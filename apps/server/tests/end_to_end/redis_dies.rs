//! Two servers and a worker share a Redis. Whatever becomes of it, everybody is answered once, and whoever is shut out
//! stays out.

use std::time::{Duration, Instant};

use harness::{ServerProcess, redis::RedisServer};
use serde_json::{Value, json};

use crate::installation::{Installation, phones};

/// How long what a cache holds may be old, and as much again for a busy machine.
const OLD: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

async fn installation(redis: &RedisServer) -> Installation {
    Installation::start_with(|spec| spec.with("REDIS_URL", redis.url())).await
}

fn key(installation: &Installation, name: &str) -> String {
    std::fs::read_to_string(installation.folder.path().join("keys").join(name)).unwrap()
}

fn servers(installation: &Installation) -> impl Iterator<Item = &ServerProcess> {
    installation.servers.iter().flatten()
}

/// Waits until the servers say of their check of Redis, or of the whole, what is expected.
async fn wait_for_status(installation: &Installation, expected: &str) {
    for server in servers(installation) {
        let began = Instant::now();
        loop {
            let request = installation.http.get(format!("{}/health", server.base_url()));
            let body: Value = request.send().await.unwrap().json().await.unwrap();
            let checks = body["checks"].as_array().unwrap();
            let redis = checks.iter().find(|check| check["name"] == "redis").unwrap();
            if redis["status"] == expected {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{body}");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_answered_once_while_redis_dies_and_comes_back() {
    let mut redis = RedisServer::start().unwrap();
    let installation = installation(&redis).await;
    let phones = phones(40);
    wait_for_status(&installation, "ok").await;
    installation.text_from_all(&phones[..10], 1).await;
    let dies = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        tokio::task::block_in_place(|| redis.kill().unwrap());
    };
    tokio::join!(installation.text_from_all(&phones[10..20], 2), dies);
    installation.text_from_all(&phones[20..30], 3).await;
    redis.restart().unwrap();
    installation.text_from_all(&phones[30..], 4).await;
    installation.expect_each(&phones, 1).await;
    wait_for_status(&installation, "ok").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_answered_once_while_redis_hangs() {
    let redis = RedisServer::start().unwrap();
    let installation = installation(&redis).await;
    let phones = phones(20);
    installation.text_from_all(&phones[..10], 1).await;
    redis.pause().unwrap();
    let began = Instant::now();
    installation.text_from_all(&phones[10..], 2).await;
    assert!(began.elapsed() < Duration::from_secs(10), "carriers wait no longer: {:?}", began.elapsed());
    installation.expect_each(&phones, 1).await;
    redis.resume().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_revoked_while_redis_is_dead_is_refused_by_both_servers_within_seconds() {
    let mut redis = RedisServer::start().unwrap();
    let installation = installation(&redis).await;
    let demo: Value = serde_json::from_str(&key(&installation, "demo.json")).unwrap();
    let admin_key = key(&installation, "admin-api-key");
    let first = servers(&installation).next().unwrap().base_url().to_owned();
    let keys = format!("{first}/api/v1/tenants/{}/api-keys", demo["tenant_id"].as_str().unwrap());
    let made = installation.http.post(&keys).header("X-Admin-API-Key", &admin_key);
    let made: Value = made.json(&json!({"name": "till"})).send().await.unwrap().json().await.unwrap();
    let status = async |server: &ServerProcess| {
        let request = installation.http.get(format!("{}/api/v1/conversations", server.base_url()));
        let request = request.header("X-API-Key", made["key"].as_str().unwrap());
        request.send().await.unwrap().status().as_u16()
    };
    for server in servers(&installation) {
        assert_eq!(status(server).await, 200);
    }
    redis.kill().unwrap();
    let one = format!("{keys}/{}", made["id"].as_str().unwrap());
    let revoked = installation.http.delete(one).header("X-Admin-API-Key", &admin_key).send().await.unwrap();
    assert_eq!(revoked.status().as_u16(), 204);
    let began = Instant::now();
    for server in servers(&installation) {
        while status(server).await != 401 {
            assert!(began.elapsed() < OLD, "it still lets in after {:?}", began.elapsed());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_starts_and_answers_while_its_redis_is_away() {
    let mut redis = RedisServer::start().unwrap();
    redis.kill().unwrap();
    let installation = installation(&redis).await;
    wait_for_status(&installation, "failed").await;
    let phones = phones(4);
    installation.text_from_all(&phones, 1).await;
    installation.expect_each(&phones, 1).await;
}
