//! Whoever presents many wrong credentials waits, and nobody elsewhere does.

use limits::Quota;

use crate::support::{Answer, Business, World};

const HERE: &str = "203.0.113.9";
const ELSEWHERE: &str = "198.51.100.1";

async fn world() -> (World, Business) {
    let world = World::with(|settings, _| settings.limits.quotas.wrong_credentials = Quota::per_minute(3));
    let business = world.business("Bristol", "+15551230000").await;
    (world, business)
}

async fn guess(world: &World, path: &str, key: &str) -> Answer {
    world.get(path).key(key).from(HERE).send().await
}

fn assert_slowed(answer: &Answer) {
    answer.expect_problem(429, "too_many_failures");
    assert_eq!(answer.header("retry-after"), "20");
}

#[actix_web::test]
async fn an_address_that_guesses_waits_also_with_a_right_key_and_nobody_elsewhere_does() {
    let (world, business) = world().await;
    let path = "/api/v1/conversations";
    for number in 0..3 {
        guess(&world, path, &format!("cc_live_guess{number}")).await.expect_problem(401, "unauthorized");
    }
    assert_slowed(&guess(&world, path, "cc_live_guess3").await);
    // Or whoever guesses would still learn which guess is right.
    assert_slowed(&guess(&world, path, &business.key).await);
    world.get(path).key(&business.key).from(ELSEWHERE).send().await.expect(200);
    world.pass(20);
    guess(&world, path, &business.key).await.expect(200);
    guess(&world, path, "cc_live_guess4").await.expect_problem(401, "unauthorized");
    assert_slowed(&guess(&world, path, "cc_live_guess5").await);
}

#[actix_web::test]
async fn right_keys_and_requests_without_one_are_no_guesses() {
    let (world, business) = world().await;
    for _ in 0..20 {
        guess(&world, "/api/v1/conversations", &business.key).await.expect(200);
        guess(&world, "/api/v1/tenants", &business.key).await.expect_problem(403, "forbidden");
        let without = world.get("/api/v1/conversations").from(HERE).send().await;
        without.expect_problem(401, "unauthorized");
    }
}

#[actix_web::test]
async fn every_kind_of_credential_is_guessed_slowly() {
    for (path, header) in [
        ("/api/v1/tenants", "X-Admin-API-Key"),
        ("/api/v1/chat", "X-Widget-Token"),
        ("/metrics", "X-Admin-API-Key"),
        ("/metrics", "X-API-Key"),
    ] {
        let (world, _) = world().await;
        let guess = async || {
            let call = if path.ends_with("chat") { world.post(path) } else { world.get(path) };
            call.header(header, "guess").from(HERE).send().await
        };
        for _ in 0..3 {
            guess().await.expect_problem(401, "unauthorized");
        }
        assert_slowed(&guess().await);
    }
}

#[actix_web::test]
async fn guesses_on_one_path_slow_those_on_another() {
    let (world, _) = world().await;
    for path in ["/api/v1/conversations", "/metrics", "/api/v1/contacts"] {
        guess(&world, path, "cc_live_guess").await.expect_problem(401, "unauthorized");
    }
    for path in ["/api/v1/conversations", "/metrics"] {
        assert_slowed(&guess(&world, path, "cc_live_guess").await);
    }
    world.get("/healthz").from(HERE).send().await.expect(200);
    let page = world.get("/metrics").operator().send().await.text();
    let series = r#"cheetah_http_limited_total{class="login",reason="wrong_credentials"} 2"#;
    assert!(page.contains(series), "{page}");
}
