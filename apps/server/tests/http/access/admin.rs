//! The operator signs in on a page.

use serde_json::json;

use crate::support::{Answer, Call, OPERATOR_PASSWORD, World};

async fn sign_in(world: &World, path: &str) -> (Answer, String) {
    let answer = world.post(path).json(&json!({"password": OPERATOR_PASSWORD})).send().await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    (answer, cookie)
}

#[actix_web::test]
async fn the_operator_signs_in_for_a_day_and_out() {
    let world = World::new();
    let (answer, cookie) = sign_in(&world, "/api/v1/admin/auth").await;
    let body = answer.expect(200);
    assert_eq!((&body["success"], &body["expires_at"]), (&json!(true), &json!("2026-11-03T15:00:00Z")));
    let attributes = answer.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age=86400"] {
        assert!(attributes.contains(attribute), "{attributes}");
    }
    assert!(!answer.text().contains("cc_admin_"));
    let shown = world.get("/api/v1/admin/auth").header("Cookie", &cookie).send().await.expect(200);
    assert_eq!(shown["actor"], "operator:session");
    world.get("/api/v1/tenants").header("Cookie", &cookie).send().await.expect(200);
    let left = world.post("/api/v1/admin/logout").header("Cookie", &cookie).send().await;
    assert_eq!(left.status, 204);
    assert!(left.header("set-cookie").contains("Max-Age=0"), "{}", left.header("set-cookie"));
    world.get("/api/v1/tenants").header("Cookie", &cookie).send().await.expect_problem(401, "unauthorized");
    let (_, cookie) = sign_in(&world, "/api/v1/admin/auth").await;
    world.pass(24 * 3_600);
    world.get("/api/v1/tenants").header("Cookie", &cookie).send().await.expect_problem(401, "unauthorized");
}

#[actix_web::test]
async fn a_wrong_name_or_password_lets_nobody_in_and_unset_is_not_open() {
    let world = World::new();
    for body in [
        json!({"username": "admin", "password": "wrong"}),
        json!({"username": "root", "password": OPERATOR_PASSWORD}),
        json!({"password": ""}),
    ] {
        let answer = world.post("/api/v1/admin/auth").json(&body).send().await;
        answer.expect_problem(401, "unauthorized");
        assert_eq!(answer.header("set-cookie"), "");
    }
    let closed = World::with(|settings, _| settings.admin_login = None);
    for password in ["", OPERATOR_PASSWORD] {
        let answer = closed.post("/api/v1/admin/auth").json(&json!({"password": password})).send().await;
        answer.expect_problem(401, "unauthorized");
    }
    let forged = world.get("/api/v1/tenants").header("Cookie", "cheetah_admin=cc_admin_forged").send().await;
    forged.expect_problem(401, "unauthorized");
}

#[actix_web::test]
async fn another_sites_page_changes_nothing_with_the_operators_cookie() {
    let world = World::new();
    let (_, cookie) = sign_in(&world, "/api/v1/admin/auth").await;
    let from = async |origin: &str| {
        let body = json!({"name": "Exeter"});
        let call: Call<'_> = world.post("/api/v1/tenants").header("Cookie", &cookie).header("Origin", origin);
        call.header("Host", "chat.internal:8080").json(&body).send().await.status
    };
    for origin in
        ["https://evil.example", "null", "https://chat.example.test.evil.example", "http://chat.internal"]
    {
        assert_eq!(from(origin).await, 403, "{origin}");
    }
    for origin in ["https://chat.example.test", "http://chat.internal:8080"] {
        assert_eq!(from(origin).await, 201, "{origin}");
    }
}
