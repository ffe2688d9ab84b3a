//! JSON bodies that are broken, too large, too slow, or hold characters that nobody can store.

use actix_web::web::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::stream;
use serde_json::json;

use crate::support::{World, faulty_fields};

const TENANTS: &str = "/api/v1/tenants";
/// One mebibyte of spaces, compressed with gzip.
const BOMB: &str = include_str!("support/bomb.gz.base64");
/// `{"name":"Packed"}`, compressed with gzip.
const PACKED: &str = "H4sIAAAAAAACA6tWykvMTVWyUgpITM5OTVGqBQCqyZwQEQAAAA==";

#[actix_web::test]
async fn row_17_truncated_json_is_400() {
    let answer =
        World::new().post(TENANTS).operator().body("application/json", r#"{"name": "Bris"#).send().await;
    answer.expect_problem(400, "malformed_json");
}

#[actix_web::test]
async fn row_18_a_wrong_type_is_400_and_names_the_field() {
    let answer = World::new().post(TENANTS).operator().json(&json!({"name": ["Bristol"]})).send().await;
    assert_eq!(faulty_fields(&answer.expect_problem(400, "malformed_json")), ["name"]);
}

#[actix_web::test]
async fn an_array_in_the_place_of_an_object_is_400_however_deep_it_lies() {
    let world = World::new();
    let business = world.business("Ann's", "+15550001001").await;
    for (path, body, field) in [
        (business.path(""), json!([null, "growth"]), "body"),
        (business.path("/profile"), json!({"owner": [null, null]}), "owner"),
        (business.path("/profile"), json!({"hours": {"mon": [["08:00", "17:00"]]}}), "hours.mon[0]"),
        (business.path("/limits"), json!([null, null]), "body"),
    ] {
        let call = if path == business.path("") { world.patch(&path) } else { world.put(&path) };
        let problem = call.operator().json(&body).send().await.expect_problem(400, "malformed_json");
        assert_eq!(faulty_fields(&problem), [field], "{body}");
    }
    let tenant = world.get(&business.path("")).operator().send().await.expect(200);
    assert_eq!(tenant["plan"], "starter", "nothing was read by its position");
}

#[actix_web::test]
async fn a_missing_field_is_400_and_named() {
    let answer = World::new().post(TENANTS).operator().json(&json!({})).send().await;
    assert_eq!(faulty_fields(&answer.expect_problem(400, "malformed_json")), ["name"]);
}

#[actix_web::test]
async fn row_19_json_nested_ten_thousand_deep_is_400() {
    let body = format!(r#"{{"name": {}"x"{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let answer = World::new().post(TENANTS).operator().body("application/json", body).send().await;
    answer.expect_problem(400, "malformed_json");
}

#[actix_web::test]
async fn row_20_a_body_over_the_limit_is_413() {
    let body = json!({"name": "x".repeat(256 * 1_024)}).to_string();
    let answer = World::new().post(TENANTS).operator().body("application/json", body).send().await;
    answer.expect_problem(413, "payload_too_large");
}

#[actix_web::test]
async fn row_20_a_gzip_bomb_is_413() {
    let bomb = STANDARD.decode(BOMB.trim()).unwrap();
    let call = World::new();
    let call =
        call.post(TENANTS).operator().header("Content-Encoding", "gzip").body("application/json", bomb);
    call.send().await.expect_problem(413, "payload_too_large");
}

#[actix_web::test]
async fn a_compressed_body_is_read() {
    let world = World::new();
    let packed = STANDARD.decode(PACKED).unwrap();
    let call =
        world.post(TENANTS).operator().header("Content-Encoding", "gzip").body("application/json", packed);
    assert_eq!(call.send().await.expect(201)["name"], "Packed");
}

#[actix_web::test]
async fn garbage_under_a_compression_is_400() {
    let world = World::new();
    let call = world.post(TENANTS).operator().header("Content-Encoding", "gzip");
    call.body("application/json", "not gzip").send().await.expect_problem(400, "bad_request");
}

#[actix_web::test]
async fn a_compression_that_is_not_served_is_415() {
    let world = World::new();
    let call = world.post(TENANTS).operator().header("Content-Encoding", "br");
    call.body("application/json", "{}").send().await.expect_problem(415, "unsupported_media_type");
}

#[actix_web::test(flavor = "current_thread")]
async fn row_21_a_body_that_does_not_arrive_is_408() {
    let world = World::new();
    let begun = stream::iter([Ok(Bytes::from_static(b"{\"name\":"))]);
    let never = futures_util::StreamExt::chain(begun, stream::pending());
    let call =
        world.post(TENANTS).operator().header("Content-Type", "application/json").streamed(Box::pin(never));
    tokio::time::pause();
    call.send().await.expect_problem(408, "request_timeout");
}

#[actix_web::test]
async fn a_body_that_is_no_json_by_its_own_word_is_415() {
    for content_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let answer =
            World::new().post(TENANTS).operator().body(content_type, r#"{"name": "x"}"#).send().await;
        answer.expect_problem(415, "unsupported_media_type");
    }
}

#[actix_web::test]
async fn every_spelling_of_the_json_media_type_is_read() {
    let world = World::new();
    for content_type in
        ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.cheetah+json"]
    {
        world.post(TENANTS).operator().body(content_type, r#"{"name": "x"}"#).send().await.expect(201);
    }
}

#[actix_web::test]
async fn rows_23_to_25_characters_that_nobody_can_store_are_mended_and_the_rest_is_answered() {
    let world = World::new();
    for (body, name) in [
        (br#"{"name": "Bris\u0000tol"}"#.as_slice(), "Bristol"),
        (b"{\"name\": \"Bris\0tol\"}", "Bristol"),
        (br#"{"name": "Bris\ud800tol"}"#, "Bris\u{fffd}tol"),
        (b"{\"name\": \"Bris\xfftol\"}", "Bris\u{fffd}tol"),
    ] {
        let call = world.post(TENANTS).operator().body("application/json", Bytes::from_static(body));
        assert_eq!(call.send().await.expect(201)["name"], name);
    }
}

#[actix_web::test]
async fn row_50_mass_assigned_fields_are_refused() {
    for field in ["tenant_id", "id", "status", "role", "created_at"] {
        let body = json!({"name": "Bristol", field: "x"});
        let answer = World::new().post(TENANTS).operator().json(&body).send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "malformed_json")), [field]);
    }
}
