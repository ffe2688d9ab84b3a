//! Guessing passwords is slow: for who guesses, and for nobody else.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use limits::Quota;
use serde_json::json;
use tenancy::{HashError, PasswordHash, PasswordHasher, SecretText, testing::PlainPasswordHasher};

use crate::support::{Answer, Business, MEMBER_PASSWORD, OPERATOR_PASSWORD, World};

const HERE: &str = "203.0.113.9";
const ELSEWHERE: &str = "198.51.100.1";

async fn log_in(world: &World, address: &str, password: &str) -> Answer {
    let body = json!({"email": "staff@example.com", "password": password});
    world.post("/api/v1/auth/login").from(address).json(&body).send().await
}

/// Adds a member of a business whose password is the business's name, many times over.
async fn add(world: &World, business: &Business, name: &str) -> String {
    let password = name.repeat(4);
    let body = json!({"email": "staff@example.com", "name": "x", "role": "staff", "password": password});
    world.post(&business.path("/members")).operator().json(&body).send().await.expect(201);
    password
}

async fn log_in_at(world: &World, business: &Business, password: &str) -> Answer {
    let body = json!({"email": "staff@example.com", "password": password, "tenant_id": business.id});
    world.post("/api/v1/auth/login").from(HERE).json(&body).send().await
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
async fn guesses_from_many_addresses_do_not_keep_a_member_out_who_has_signed_in_from_theirs() {
    let world = World::with(|settings, _| settings.limits.quotas.sign_ins = Quota::per_hour(20));
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "staff").await;
    log_in(&world, HERE, MEMBER_PASSWORD).await.expect(200);
    for last in 0..20 {
        log_in(&world, &format!("192.0.2.{last}"), "wrong").await;
    }
    log_in(&world, ELSEWHERE, MEMBER_PASSWORD).await.expect_problem(429, "too_many_failures");
    log_in(&world, HERE, MEMBER_PASSWORD).await.expect(200);
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

#[actix_web::test]
async fn who_signs_in_at_one_business_goes_on_waiting_at_another() {
    let world = World::new();
    let (ours, theirs) =
        (world.business("Bristol", "+15551230000").await, world.business("Exeter", "+15551230001").await);
    let (our_password, their_password) =
        (add(&world, &ours, "Bristol").await, add(&world, &theirs, "Exeter").await);
    for _ in 0..5 {
        log_in_at(&world, &ours, "wrong").await.expect_problem(401, "unauthorized");
        log_in_at(&world, &theirs, &their_password).await.expect(200);
    }
    log_in_at(&world, &ours, &our_password).await.expect_problem(429, "too_many_failures");
    log_in_at(&world, &theirs, &their_password).await.expect(200);
    // Without a business, each password is tried at both: whoever owns one of them could guess the other's so.
    for _ in 0..5 {
        log_in(&world, HERE, &their_password).await.expect(200);
    }
    log_in(&world, HERE, &our_password).await.expect_problem(429, "too_many_failures");
}

#[actix_web::test]
async fn an_address_at_too_many_businesses_to_try_is_told_as_a_wrong_password_and_waits() {
    let world = World::new();
    let mut businesses = Vec::new();
    for number in 0..6 {
        let business = world.business("Bristol", &format!("+1555123000{number}")).await;
        add(&world, &business, "Bristol").await;
        businesses.push(business);
    }
    let (first, second, right) = (&businesses[0], &businesses[1], "Bristol".repeat(4));
    for _ in 0..5 {
        log_in_at(&world, first, "wrong").await.expect_problem(401, "unauthorized");
        log_in(&world, HERE, &right).await.expect_problem(401, "unauthorized");
    }
    log_in(&world, HERE, &right).await.expect_problem(429, "too_many_failures");
    log_in_at(&world, first, &right).await.expect_problem(429, "too_many_failures");
    log_in_at(&world, second, &right).await.expect(200);
}

/// Has no turn for anybody while it is told so.
#[derive(Default)]
struct Crowded(AtomicBool);

#[async_trait]
impl PasswordHasher for Crowded {
    async fn hash(&self, password: &SecretText) -> Result<PasswordHash, HashError> {
        PlainPasswordHasher.hash(password).await
    }

    async fn verify(&self, password: &SecretText, hash: &PasswordHash) -> Result<bool, HashError> {
        if self.0.load(Ordering::Relaxed) {
            return Err(HashError::Busy);
        }
        PlainPasswordHasher.verify(password, hash).await
    }

    async fn verify_nobody(&self, password: &SecretText) -> Result<(), HashError> {
        PlainPasswordHasher.verify_nobody(password).await
    }
}

#[actix_web::test]
async fn attempts_that_nobody_had_time_to_verify_make_nobody_wait() {
    let passwords = Arc::<Crowded>::default();
    let world = World::with(|_, ports| ports.passwords = passwords.clone());
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "staff").await;
    for _ in 0..4 {
        log_in(&world, HERE, "wrong").await.expect_problem(401, "unauthorized");
    }
    passwords.0.store(true, Ordering::Relaxed);
    for _ in 0..10 {
        log_in(&world, HERE, MEMBER_PASSWORD).await.expect_problem(503, "overloaded");
    }
    passwords.0.store(false, Ordering::Relaxed);
    log_in(&world, HERE, "wrong").await.expect_problem(401, "unauthorized");
    log_in(&world, HERE, MEMBER_PASSWORD).await.expect_problem(429, "too_many_failures");
}

#[actix_web::test]
async fn who_guesses_a_members_present_password_waits() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "staff").await;
    let bearer = format!("Bearer {}", world.sign_in("staff@example.com").await);
    let change = async |address: &str, present: &str, new: &str| {
        let body = json!({"current_password": present, "new_password": new});
        let call = world.put("/api/v1/auth/password").header("Authorization", &bearer).from(address);
        call.json(&body).send().await
    };
    for _ in 0..10 {
        change(HERE, MEMBER_PASSWORD, "short").await.expect_problem(400, "invalid_request");
    }
    for _ in 0..5 {
        change(HERE, "wrong", "another long password").await.expect_problem(400, "invalid_request");
    }
    let refused = change(HERE, MEMBER_PASSWORD, "another long password").await;
    refused.expect_problem(429, "too_many_failures");
    log_in(&world, HERE, MEMBER_PASSWORD).await.expect(200);
    assert_eq!(change(ELSEWHERE, MEMBER_PASSWORD, "another long password").await.status, 204);
}
