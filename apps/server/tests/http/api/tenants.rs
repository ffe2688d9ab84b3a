//! `/api/v1/tenants`

use serde_json::json;
use uuid::Uuid;

use crate::support::{World, faulty_fields, text};

const TENANTS: &str = "/api/v1/tenants";

#[actix_web::test]
async fn the_operator_creates_a_tenant() {
    let world = World::new();
    let body = json!({"name": " Bristol Plumbing ", "plan": "growth"});
    let answer = world.post(TENANTS).operator().json(&body).send().await;
    let tenant = answer.expect(201);
    assert_eq!(tenant["name"], "Bristol Plumbing");
    assert_eq!(tenant["status"], "active");
    assert_eq!(tenant["plan"], "growth");
    assert_eq!(tenant["created_at"], "2026-11-02T15:00:00Z");
    assert_eq!(answer.header("location"), format!("{TENANTS}/{}", text(&tenant["id"])));
    let shown = world.get(answer.header("location")).operator().send().await.expect(200);
    assert_eq!(shown, tenant);
}

#[actix_web::test]
async fn a_tenant_starts_with_the_smallest_plan() {
    let tenant = World::new().post(TENANTS).operator().json(&json!({"name": "x"})).send().await.expect(201);
    assert_eq!(tenant["plan"], "starter");
}

#[actix_web::test]
async fn a_name_or_plan_that_is_none_is_400_and_named() {
    let world = World::new();
    for (body, field) in [
        (json!({"name": "  "}), "name"),
        (json!({"name": "a\nb"}), "name"),
        (json!({"name": "x".repeat(201)}), "name"),
        (json!({"name": "x", "plan": "gold"}), "plan"),
    ] {
        let answer = world.post(TENANTS).operator().json(&body).send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), [field]);
    }
}

#[actix_web::test]
async fn rows_26_37_a_name_is_plain_text_whatever_it_looks_like() {
    let world = World::new();
    for name in ["'; DROP TABLE tenants; --", "100% _sure_", "\u{202e}gnibmulP", "</Say><Dial>"] {
        let tenant = world.post(TENANTS).operator().json(&json!({"name": name})).send().await.expect(201);
        assert_eq!(tenant["name"], name);
    }
    assert_eq!(world.get(TENANTS).operator().send().await.expect(200)["items"].as_array().unwrap().len(), 4);
}

#[actix_web::test]
async fn a_tenant_cannot_do_what_only_the_operator_may() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for call in [
        world.post(TENANTS).json(&json!({"name": "x"})),
        world.get(TENANTS),
        world.patch(&business.path("")).json(&json!({"plan": "custom"})),
    ] {
        call.key(&business.key).send().await.expect_problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn a_tenant_sees_itself() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let shown = world.get(&business.path("")).key(&business.key).send().await.expect(200);
    assert_eq!(shown["id"], business.id);
}

#[actix_web::test]
async fn pages_follow_one_another_without_gaps_or_repeats() {
    let world = World::new();
    let mut made = Vec::new();
    for number in 0..5 {
        let body = json!({"name": format!("Tenant {number}")});
        made.push(text(&world.post(TENANTS).operator().json(&body).send().await.expect(201)["id"]));
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{TENANTS}?limit=2&cursor={cursor}");
        let page = world.get(&path).operator().send().await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|tenant| text(&tenant["id"])));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen, made);
}

#[actix_web::test]
async fn row_51_a_limit_or_cursor_that_is_none_is_400() {
    let world = World::new();
    for limit in ["-1", "0", "201", "1000000000", "99999999999999999999", "NaN", "5.5", "ten"] {
        let answer = world.get(&format!("{TENANTS}?limit={limit}")).operator().send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["limit"]);
    }
    for cursor in ["x", "AAAA", "%00", "AZP_ww", "eyJhIjoxfQ"] {
        let answer = world.get(&format!("{TENANTS}?cursor={cursor}")).operator().send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["cursor"]);
    }
}

#[actix_web::test]
async fn only_status_and_plan_can_be_changed() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let change = async |body| world.patch(&business.path("")).operator().json(&body).send().await;
    let changed = change(json!({"plan": "custom"})).await.expect(200);
    assert_eq!((&changed["plan"], &changed["status"]), (&json!("custom"), &json!("active")));
    for field in ["name", "id", "created_at"] {
        let answer = change(json!({ field: "x" })).await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "malformed_json")), [field]);
    }
    let problem =
        change(json!({"plan": "gold", "status": "asleep"})).await.expect_problem(400, "invalid_request");
    assert_eq!(faulty_fields(&problem), ["status", "plan"]);
}

#[actix_web::test]
async fn a_suspended_tenants_key_is_403_until_it_is_active_again() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let set = async |status| {
        world.patch(&business.path("")).operator().json(&json!({"status": status})).send().await.expect(200);
    };
    set("suspended").await;
    for path in ["/api/v1/conversations", &business.path("/profile")] {
        world.get(path).key(&business.key).send().await.expect_problem(403, "tenant_suspended");
    }
    world.get(&business.path("/profile")).operator().send().await.expect(200);
    set("active").await;
    world.get("/api/v1/conversations").key(&business.key).send().await.expect(200);
}

#[actix_web::test]
async fn a_deleted_tenant_is_gone_for_itself_and_kept_for_the_record() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let set = async |status| {
        world.patch(&business.path("")).operator().json(&json!({"status": status})).send().await
    };
    set("deleted").await.expect(200);
    world.get("/api/v1/conversations").key(&business.key).send().await.expect_problem(401, "unauthorized");
    world.get(&business.path("/profile")).operator().send().await.expect_problem(404, "not_found");
    assert_eq!(world.get(&business.path("")).operator().send().await.expect(200)["status"], "deleted");
    assert_eq!(faulty_fields(&set("active").await.expect_problem(400, "invalid_request")), ["status"]);
}

#[actix_web::test]
async fn a_tenant_that_does_not_exist_is_404_for_the_operator() {
    let world = World::new();
    for id in [Uuid::now_v7().to_string(), "x".to_owned(), "%2e%2e".to_owned()] {
        let path = format!("{TENANTS}/{id}");
        world.get(&path).operator().send().await.expect_problem(404, "not_found");
        let change = world.patch(&path).operator().json(&json!({"plan": "custom"}));
        change.send().await.expect_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn without_a_configured_key_nobody_is_the_operator() {
    let world = World::with(|settings, _| settings.admin_key = None);
    world.get(TENANTS).operator().send().await.expect_problem(401, "unauthorized");
    world.get(TENANTS).header("X-Admin-API-Key", "").send().await.expect_problem(401, "unauthorized");
}
