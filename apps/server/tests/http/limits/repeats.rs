//! A request with an `Idempotency-Key` is done once, however often it is repeated.

use serde_json::{Value, json};

use crate::support::{
    Answer, Business, Call, MEMBER_PASSWORD, OPERATOR_PASSWORD, World, faulty_fields, text,
};

const REPEATED: &str = "Idempotency-Replayed";

fn name<'world>(call: Call<'world>, key: &str) -> Call<'world> {
    call.header("Idempotency-Key", key)
}

/// Makes an API key as the tenant, under the name of a request.
async fn make(world: &World, business: &Business, key: &str, body: &Value) -> Answer {
    name(world.post(&business.path("/api-keys")), key).key(&business.key).json(body).send().await
}

/// Returns how many API keys of this name the tenant has.
async fn made(world: &World, business: &Business, named: &str) -> usize {
    let keys = business.items(world, &business.path("/api-keys")).await;
    keys.iter().filter(|key| key["name"] == named).count()
}

/// Makes sure that an answer is the first one again.
fn assert_again(first: &Answer, again: &Answer) {
    assert_eq!((again.status, again.text()), (first.status, first.text()));
    for header in ["content-type", "location"] {
        assert_eq!(again.header(header), first.header(header), "{header}");
    }
    assert_eq!((first.header(REPEATED), again.header(REPEATED)), ("", "true"));
}

async fn world() -> (World, Business) {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    (world, business)
}

#[actix_web::test]
async fn a_repeat_gets_the_first_answer_word_for_word_and_makes_nothing() {
    let (world, business) = world().await;
    let body = json!({"name": "till"});
    let first = make(&world, &business, "once", &body).await;
    let secret = text(&first.expect(201)["key"]);
    assert!(first.header("location").starts_with(&business.path("/api-keys/")));
    for _ in 0..3 {
        let again = make(&world, &business, "once", &body).await;
        assert_again(&first, &again);
        assert_eq!(text(&again.json()["key"]), secret, "the same secret, shown to who has lost it");
    }
    assert_eq!(made(&world, &business, "till").await, 1);
    world.get("/api/v1/conversations").key(&secret).send().await.expect(200);
}

#[actix_web::test]
async fn two_names_are_two_requests_and_without_a_name_each_is_its_own() {
    let (world, business) = world().await;
    let body = json!({"name": "till"});
    for key in ["one", "two"] {
        make(&world, &business, key, &body).await.expect(201);
    }
    let call = || world.post(&business.path("/api-keys")).key(&business.key).json(&body);
    for _ in 0..2 {
        call().send().await.expect(201);
    }
    assert_eq!(made(&world, &business, "till").await, 4);
}

#[actix_web::test]
async fn a_name_that_belongs_to_another_request_is_422() {
    let (world, business) = world().await;
    make(&world, &business, "once", &json!({"name": "till"})).await.expect(201);
    let other = make(&world, &business, "once", &json!({"name": "other"})).await;
    other.expect_problem(422, "idempotency_key_reused");
    let elsewhere = name(world.post(&business.path("/widget-tokens")), "once").key(&business.key);
    let elsewhere = elsewhere.json(&json!({"name": "till"})).send().await;
    elsewhere.expect_problem(422, "idempotency_key_reused");
    assert_eq!(made(&world, &business, "other").await, 0);
}

#[actix_web::test]
async fn what_the_caller_got_wrong_is_told_again() {
    let (world, business) = world().await;
    let first = make(&world, &business, "once", &json!({"name": " "})).await;
    first.expect_problem(400, "invalid_request");
    assert_again(&first, &make(&world, &business, "once", &json!({"name": " "})).await);
    let nobody = "/api/v1/conversations/00000000-0000-7000-8000-000000000000/close";
    let close = || name(world.post(nobody), "close").key(&business.key).send();
    let first = close().await;
    first.expect_problem(404, "not_found");
    assert_again(&first, &close().await);
}

#[actix_web::test]
async fn a_name_that_is_none_is_400_and_says_so() {
    let (world, business) = world().await;
    for key in ["", "two words", &"k".repeat(256)] {
        let answer = make(&world, &business, key, &json!({"name": "till"})).await;
        let problem = answer.expect_problem(400, "invalid_request");
        assert_eq!(faulty_fields(&problem), ["Idempotency-Key"], "{key}");
    }
    assert_eq!(made(&world, &business, "till").await, 0);
}

#[actix_web::test]
async fn another_tenants_request_of_the_same_name_is_its_own() {
    let (world, business) = world().await;
    let other = world.business("Exeter", "+15551230001").await;
    let body = json!({"name": "till"});
    let ours = make(&world, &business, "once", &body).await.expect(201);
    let theirs = make(&world, &other, "once", &body).await.expect(201);
    assert_ne!(ours["key"], theirs["key"]);
    let foreign = name(world.post(&business.path("/api-keys")), "once").key(&other.key).json(&body);
    foreign.send().await.expect_problem(422, "idempotency_key_reused");
    let foreign = name(world.post(&business.path("/api-keys")), "another").key(&other.key).json(&body);
    foreign.send().await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn another_credential_of_the_tenant_has_names_of_its_own() {
    let (world, business) = world().await;
    let body = json!({"name": "till"});
    let first = make(&world, &business, "once", &body).await.expect(201);
    let by_other = name(world.post(&business.path("/api-keys")), "once").key(&text(&first["key"]));
    let second = by_other.json(&body).send().await;
    assert_ne!(second.expect(201)["key"], first["key"]);
    assert_eq!(second.header(REPEATED), "");
}

#[actix_web::test]
async fn the_operators_requests_are_done_once_too_and_for_each_tenant_apart() {
    let (world, business) = world().await;
    let body = json!({"name": "Bath"});
    let create = || name(world.post("/api/v1/tenants"), "once").operator().json(&body).send();
    let first = create().await;
    first.expect(201);
    assert_again(&first, &create().await);
    let alias = name(world.post("/admin/tenants"), "once").operator().json(&body).send().await;
    assert_again(&first, &alias);
    let other = world.business("Exeter", "+15551230001").await;
    let path = format!("/api/v1/conversations/{}/close", business.conversation_id(&world).await);
    let close =
        |tenant: &str| name(world.post(&path), "close").operator().header("X-Tenant-Id", tenant).send();
    close(&business.id).await.expect(200);
    close(&other.id).await.expect_problem(422, "idempotency_key_reused");
}

#[actix_web::test]
async fn an_answer_is_given_again_for_a_day() {
    let (world, business) = world().await;
    let body = json!({"name": "till"});
    let first = make(&world, &business, "once", &body).await;
    world.pass(24 * 3600 - 1);
    assert_again(&first, &make(&world, &business, "once", &body).await);
    world.pass(1);
    let anew = make(&world, &business, "once", &body).await;
    assert_ne!(anew.expect(201)["key"], first.json()["key"]);
    assert_eq!(made(&world, &business, "till").await, 2);
}

#[actix_web::test]
async fn who_is_not_let_in_gets_no_answer_and_leaves_no_trace() {
    let (world, business) = world().await;
    let call = || name(world.post(&business.path("/api-keys")), "once").json(&json!({"name": "till"}));
    call().send().await.expect_problem(401, "unauthorized");
    call().key("cc_live_forged").send().await.expect_problem(401, "unauthorized");
    let made = name(world.post("/api/v1/tenants"), "tenant").key(&business.key);
    let made = made.json(&json!({"name": "Bath"})).send().await;
    made.expect_problem(403, "forbidden");
    assert_eq!(make(&world, &business, "once", &json!({"name": "till"})).await.header(REPEATED), "");
    // What was forbidden is not remembered: the same name may be used for something else.
    make(&world, &business, "tenant", &json!({"name": "till"})).await.expect(201);
}

#[actix_web::test]
async fn a_revoked_key_gets_no_answer_again() {
    let (world, business) = world().await;
    let body = json!({"name": "till"});
    let first = make(&world, &business, "once", &body).await.expect(201);
    let key = text(&first["key"]);
    let call = || name(world.post(&business.path("/api-keys")), "second").key(&key).json(&body);
    call().send().await.expect(201);
    let one = business.path(&format!("/api-keys/{}", text(&first["id"])));
    assert_eq!(world.delete(&one).key(&business.key).send().await.status, 204);
    call().send().await.expect_problem(401, "unauthorized");
}

#[actix_web::test]
async fn a_compressed_body_and_a_plain_one_are_the_same_request() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let (world, _) = world().await;
    // `{"name":"Packed"}`, compressed with gzip.
    let packed = STANDARD.decode("H4sIAAAAAAACA6tWykvMTVWyUgpITM5OTVGqBQCqyZwQEQAAAA==").unwrap();
    let tenants = || name(world.post("/api/v1/tenants"), "once").operator();
    let first = tenants().header("Content-Encoding", "gzip").body("application/json", packed).send().await;
    assert_eq!(first.expect(201)["name"], "Packed");
    let again = tenants().body("application/json", r#"{"name":"Packed"}"#).send().await;
    assert_again(&first, &again);
}

#[actix_web::test]
async fn a_body_over_the_limit_is_413_and_leaves_no_trace() {
    let (world, business) = world().await;
    let long = json!({"name": "x".repeat(256 * 1_024)});
    make(&world, &business, "once", &long).await.expect_problem(413, "payload_too_large");
    make(&world, &business, "once", &json!({"name": "till"})).await.expect(201);
}

#[actix_web::test]
async fn other_methods_and_paths_that_are_none_take_no_notice() {
    let (world, business) = world().await;
    for _ in 0..2 {
        let list = name(world.get("/api/v1/conversations"), "two words").key(&business.key);
        assert_eq!(list.send().await.header(REPEATED), "");
        let none = name(world.post("/api/v1/no/such/path"), "once").key(&business.key).send().await;
        none.expect_problem(404, "not_found");
        assert_eq!(none.header(REPEATED), "");
    }
}

#[actix_web::test]
async fn what_exchanges_credentials_takes_no_name_and_minds_no_other_credential() {
    let (world, business) = world().await;
    world.add_member(&business, "staff").await;
    let ask = async |path: &str, bearer: &str, body: &Value| {
        let call = name(world.post(path), "once").header("Authorization", bearer).from("203.0.113.9");
        call.json(body).send().await
    };
    let login = json!({"email": "staff@example.com", "password": MEMBER_PASSWORD});
    let first = ask("/api/v1/auth/login", "Bearer forged", &login).await;
    let bearer = format!("Bearer {}", text(&first.expect(200)["access_token"]));
    world.pass(900);
    for _ in 0..2 {
        let second = ask("/api/v1/auth/login", &bearer, &login).await;
        assert_eq!(second.header(REPEATED), "");
        assert_ne!(second.expect(200)["refresh_token"], first.json()["refresh_token"]);
        let operator = ask("/api/v1/admin/auth", &bearer, &json!({"password": OPERATOR_PASSWORD})).await;
        operator.expect(200);
        assert_ne!((operator.header("set-cookie"), operator.header(REPEATED)), ("", "true"));
    }
    let token = json!({"refresh_token": first.json()["refresh_token"]});
    ask("/api/v1/auth/refresh", &bearer, &token).await.expect(200);
    ask("/api/v1/auth/refresh", &bearer, &token).await.expect_problem(401, "unauthorized");
}
