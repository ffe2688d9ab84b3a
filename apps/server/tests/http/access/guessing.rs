//! Guessing passwords is slow: for who guesses, and for nobody else.

use serde_json::json;

use crate::support::{Answer, MEMBER_PASSWORD, OPERATOR_PASSWORD, World};

const HERE: &str = "203.0.113.9";
const ELSEWHERE: &str = "198.51.100.1";

async fn log_in(world: &World, address: &str, password: &str) -> Answer {
    let body = json!({"email": "staff@example.com", "password": password});
    world.post("/api/v1/auth/login").from(address).json(&body).send().await
}

async fn admin(world: &World, path: &str, address: &str, password: &str) -> Answer {
    world.post(path).from(address).json(&json!({"password": password})).send().await
}

#[actix_web::test]
async fn who_guesses_a_members_password_waits_and_the_member_elsewhere_does_not() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "staff").await;
    for _ in 0..5 {
        log_in(&world, HERE, "wrong").await.expect_problem(401, "unauthorized");
    }
    let refused = log_in(&world, HERE, MEMBER_PASSWORD).await;
    refused.expect_problem(429, "too_many_failures");
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    log_in(&world, ELSEWHERE, MEMBER_PASSWORD).await.expect(200);
    world.pass(wait);
    log_in(&world, HERE, MEMBER_PASSWORD).await.expect(200);
    log_in(&world, HERE, "wrong").await.expect_problem(401, "unauthorized");
}

#[actix_web::test]
async fn an_unknown_address_waits_as_a_known_one_does() {
    let world = World::new();
    for _ in 0..5 {
        log_in(&world, HERE, "wrong").await.expect_problem(401, "unauthorized");
    }
    log_in(&world, HERE, "wrong").await.expect_problem(429, "too_many_failures");
}

#[actix_web::test]
async fn who_guesses_the_operators_password_waits_under_every_name_of_the_path() {
    let world = World::new();
    for _ in 0..5 {
        let answer = admin(&world, "/api/controller/auth", HERE, "wrong").await;
        answer.expect_problem(401, "unauthorized");
    }
    for path in ["/api/controller/auth", "/api/v1/admin/auth"] {
        let refused = admin(&world, path, HERE, OPERATOR_PASSWORD).await;
        refused.expect_problem(429, "too_many_failures");
        assert_eq!(refused.header("set-cookie"), "");
    }
    admin(&world, "/api/controller/auth", ELSEWHERE, OPERATOR_PASSWORD).await.expect(200);
}
