//! Walks the OpenAPI document: every operation of the API is limited, and every POST whose caller is known takes a name
//! by which it can be repeated. What is left out stands here with the reason.

use limits::Quota;

use crate::support::{Operation, World, faulty_fields, ids_of, operations};

/// What has no rate limit.
const UNLIMITED: [(&str, &str); 7] = [
    ("health", "whoever watches the server asks as often as they like; what lies behind is asked seldom"),
    ("healthz", "whoever watches the server asks as often as they like; nothing lies behind"),
    ("metrics", "whoever watches the server asks as often as they like; wrong credentials are counted"),
    ("readyz", "balancers ask as often as they like; what lies behind is asked seldom"),
    ("twilio_probe", "carriers come from few addresses, and deliver again what is refused"),
    ("twilio_sms", "carriers come from few addresses, and deliver again what is refused"),
    ("twilio_status", "carriers come from few addresses, and deliver again what is refused"),
];

/// Which POSTs take no `Idempotency-Key`.
const UNNAMED: [(&str, &str); 7] = [
    ("log_in", "there is no caller yet whose name it could be, and credentials are given once"),
    (
        "open_chat_session",
        "all visitors of a page call by its one token, and each gets a session of their own",
    ),
    ("refresh", "there is no caller yet whose name it could be, and credentials are given once"),
    ("sign_in_as_admin", "there is no caller yet whose name it could be, and credentials are given once"),
    ("twilio_probe", "nothing follows from it"),
    ("twilio_sms", "the carrier's own id of a message is its name"),
    ("twilio_status", "the carrier's own id of a message is its name, and a state never falls in rank"),
];

/// Returns the names of those operations for which this holds.
fn names(found: &[Operation], holds: impl Fn(&Operation) -> bool) -> Vec<&str> {
    let mut names: Vec<_> = found.iter().filter(|one| holds(one)).map(Operation::id).collect();
    names.sort_unstable();
    names
}

fn listed<'a>(exceptions: &[(&'a str, &str)]) -> Vec<&'a str> {
    exceptions.iter().map(|(name, _)| *name).collect()
}

#[actix_web::test]
async fn every_operation_of_the_api_is_limited_by_address() {
    let world = World::with(|settings, _| {
        let quotas = &mut settings.limits.quotas;
        for class in [&mut quotas.api, &mut quotas.chat, &mut quotas.chat_reads] {
            class.address = Quota::per_minute(1);
        }
    });
    let business = world.business("Bristol", "+15551230000").await;
    let ids = ids_of(&world, &business).await;
    let all = operations();
    let mut unlimited = Vec::new();
    for (number, operation) in all.iter().enumerate() {
        let (address, path) = (format!("203.0.113.{number}"), operation.path_with(&ids));
        let ask = async || operation.call(&world, (&path, &ids), |call| call.from(&address)).await;
        let first = ask().await;
        assert_ne!(first.status, 429, "{}: {}", operation.id(), first.text());
        let second = ask().await;
        if second.status == 429 {
            second.expect_problem(429, "rate_limited");
        } else {
            unlimited.push(operation.id());
        }
    }
    unlimited.sort_unstable();
    assert_eq!(unlimited, listed(&UNLIMITED));
    let outside = names(&all, |one| one.is_webhook() || !one.path.starts_with("/api/v1/"));
    assert_eq!(outside, listed(&UNLIMITED), "of the API itself nothing is left out");
}

#[actix_web::test]
async fn every_post_whose_caller_is_known_takes_a_name_for_repeats() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let ids = ids_of(&world, &business).await;
    let mut posts = operations();
    posts.retain(|one| one.method == "post");
    assert!(posts.len() > 30, "{}", posts.len());
    let mut unnamed = Vec::new();
    for operation in &posts {
        let path = operation.path_with(&ids);
        let named = operation.call(&world, (&path, &ids), |call| call.header("Idempotency-Key", "two words"));
        let answer = named.await;
        if answer.status == 400 && faulty_fields(&answer.json()) == ["Idempotency-Key"] {
            answer.expect_problem(400, "invalid_request");
        } else {
            unnamed.push(operation.id());
        }
    }
    unnamed.sort_unstable();
    assert_eq!(unnamed, listed(&UNNAMED));
}
