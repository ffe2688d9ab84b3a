//! Who changed what of the things that are no tenant's, readable by the API.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{OPERATOR_PASSWORD, World, operations, text};

const LOG: &str = "/api/v1/admin/audit-log";
const PROMPTS: &str = "/api/v1/admin/prompts";

async fn lines(world: &World, query: &str) -> Vec<Value> {
    let page = world.get(&format!("{LOG}{query}")).operator().send().await.expect(200);
    page["items"].as_array().unwrap().clone()
}

/// Makes a draft of the platform's, and returns its id.
async fn draft(world: &World) -> String {
    let words = json!([{"key": "tone", "order": 1, "content": "Be formal."}]);
    let base = json!({"channel": "all", "sections": words});
    text(&world.post(PROMPTS).operator().json(&base).send().await.expect(201)["id"])
}

async fn step(world: &World, id: &str, step: &str) {
    world.post(&format!("{PROMPTS}/{id}/{step}")).operator().send().await.expect(200);
}

async fn cookie(world: &World) -> String {
    let login = json!({"password": OPERATOR_PASSWORD});
    let answer = world.post("/api/v1/admin/auth").json(&login).send().await;
    answer.expect(200);
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[actix_web::test]
async fn the_log_says_who_changed_the_platforms_prompts_and_nothing_of_what_failed() {
    let world = World::new();
    let first = draft(&world).await;
    let path = format!("{PROMPTS}/{first}");
    world.pass(1);
    let change = json!({"revision": 0, "note": "shorter"});
    world.patch(&path).operator().json(&change).send().await.expect(200);
    world.patch(&path).operator().json(&change).send().await.expect_problem(409, "conflict");
    world.pass(1);
    step(&world, &first, "submit").await;
    world.post(&format!("{path}/roll-back")).operator().send().await.expect_problem(409, "wrong_status");
    world.pass(1);
    step(&world, &first, "publish").await;
    let next = world.post(PROMPTS).operator().json(&json!({"from": first})).send().await.expect(201);
    for done in ["submit", "publish"] {
        step(&world, &text(&next["id"]), done).await;
    }
    world.pass(1);
    step(&world, &first, "roll-back").await;
    let shown = lines(&world, &format!("?resource_id={first}")).await;
    let actions: Vec<_> = shown.iter().rev().map(|line| text(&line["action"])).collect();
    let expected = ["drafted", "edited", "submitted", "published", "rolled_back"];
    assert_eq!(actions, expected.map(|done| format!("prompt.{done}")));
    assert_eq!(lines(&world, "").await.len(), expected.len() + 3);
    for line in &shown {
        assert_eq!((&line["actor"], &line["resource"]), (&json!("operator:key"), &json!("prompt")));
        assert_eq!(line["detail"], Value::Null);
    }
    assert_eq!(lines(&world, "?action=prompt.rolled_back&limit=1").await, shown[..1]);
    let refused = world.get(&format!("{LOG}?action=tenant.eaten")).operator().send().await;
    refused.expect_problem(400, "invalid_request");
}

#[actix_web::test]
async fn the_operators_signing_in_and_out_is_in_the_log_and_a_failed_attempt_is_not() {
    let world = World::new();
    let wrong = json!({"password": "wrong"});
    world.post("/api/v1/admin/auth").json(&wrong).send().await.expect(401);
    assert_eq!(lines(&world, "").await, Vec::<Value>::new());
    let cookie = cookie(&world).await;
    world.pass(1);
    assert_eq!(world.post("/api/v1/admin/logout").header("Cookie", &cookie).send().await.status, 204);
    // A cookie that is good no more ends nothing.
    let again = world.post("/api/v1/admin/logout").operator().header("Cookie", &cookie).send().await;
    assert_eq!(again.status, 204);
    let shown = lines(&world, "").await;
    let of: Vec<_> = shown.iter().map(|line| (text(&line["action"]), text(&line["actor"]))).collect();
    let expected = ["admin_session.ended", "admin_session.opened"];
    assert_eq!(of, expected.map(|action| (action.to_owned(), "operator:session".to_owned())));
    assert_eq!(shown[0]["resource_id"], shown[1]["resource_id"]);
}

/// Operations that change what is the platform's, and what each records. One that is missing fails.
fn recorded(operation: &str) -> &'static str {
    match operation {
        "sign_in_as_admin" => "admin_session.opened",
        "sign_out_as_admin" => "admin_session.ended",
        "draft_base_prompt" => "prompt.drafted",
        "change_base_prompt" => "prompt.edited",
        "submit_base_prompt" => "prompt.submitted",
        "publish_base_prompt" => "prompt.published",
        "roll_back_base_prompt" => "prompt.rolled_back",
        other => panic!("{other} changes something: say in this test what it records"),
    }
}

/// Brings a new draft to where an operation can be called on it.
async fn prepare(world: &World, operation: &str) -> String {
    let id = draft(world).await;
    match operation {
        "publish_base_prompt" => step(world, &id, "submit").await,
        "roll_back_base_prompt" => {
            for id in [&id, &draft(world).await] {
                step(world, id, "submit").await;
                step(world, id, "publish").await;
            }
        }
        _ => {}
    }
    id
}

#[actix_web::test]
async fn every_change_of_what_is_the_platforms_leaves_a_line_in_its_log_and_in_no_tenants() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let before = business.items(&world, &business.path("/audit-log")).await;
    let mut walked = 0;
    for operation in operations() {
        let id = operation.id();
        if operation.method == "get" || !operation.path.starts_with("/api/v1/admin/") {
            continue;
        }
        let ids = BTreeMap::from([("prompt_id", prepare(&world, id).await)]);
        let signed_in = cookie(&world).await;
        world.pass(1);
        if id == "sign_in_as_admin" {
            cookie(&world).await;
        } else {
            let path = operation.path_with(&ids);
            let answer =
                operation.call(&world, (&path, &ids), |call| call.header("Cookie", &signed_in)).await;
            assert!(answer.status < 300, "{id}: {}", answer.text());
        }
        let newest = lines(&world, "?limit=1").await.remove(0);
        assert_eq!(newest["action"], recorded(id), "{id}");
        assert_eq!(newest["actor"], "operator:session", "{id}");
        let now = world.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        assert_eq!(text(&newest["at"]), now, "{id}");
        walked += 1;
    }
    assert!(walked >= 7, "the walk found {walked} operations");
    assert_eq!(business.items(&world, &business.path("/audit-log")).await, before);
}
