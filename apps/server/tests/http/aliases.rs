//! Other names of paths lead to the same.

use serde_json::json;
use server::http::aliases::{ALIASES, Alias};

use crate::support::{OPERATOR_PASSWORD, Webhook, World};

#[actix_web::test]
async fn each_name_serves_what_its_path_serves() {
    for alias in ALIASES {
        match alias.path {
            "/api/v1/tenants" => tenants_are_served(alias).await,
            "/api/v1/admin/auth" => the_operator_signs_in(alias).await,
            "/api/v1/admin/logout" => the_operator_signs_out(alias).await,
            "/webhooks/twilio/sms" => messages_are_received(alias).await,
            other => panic!("{other} has no case: say here what its other name {} must do", alias.name),
        }
    }
}

async fn tenants_are_served(alias: &Alias) {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let made = world.post(alias.name).operator().json(&json!({"name": "Exeter"})).send().await.expect(201);
    assert_eq!(made["name"], "Exeter", "{alias:?}");
    for below in ["", "/profile", "/channels", "/api-keys"] {
        let (one, other) = (format!("{}/{}{below}", alias.name, business.id), business.path(below));
        let one = world.get(&one).key(&business.key).send().await.expect(200);
        let other = world.get(&other).key(&business.key).send().await.expect(200);
        assert_eq!(one, other, "{alias:?}{below}");
    }
    let page = world.get(&format!("{}?limit=1", alias.name)).operator().send().await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "the query counts too: {alias:?}");
    world.get(alias.name).send().await.expect_problem(401, "unauthorized");
    let foreign = world.business("York", "+15551230001").await;
    let path = format!("{}/{}", alias.name, business.id);
    world.get(&path).key(&foreign.key).send().await.expect_problem(404, "not_found");
}

async fn the_operator_signs_in(alias: &Alias) {
    let world = World::new();
    let wrong = world.post(alias.name).json(&json!({"password": "wrong"})).send().await;
    wrong.expect_problem(401, "unauthorized");
    let cookie = operators_cookie(&world, alias.name).await;
    let shown = world.get(alias.name).header("Cookie", &cookie).send().await.expect(200);
    assert_eq!(shown["actor"], "operator:session", "{alias:?}");
    world.get("/api/controller/tenants").header("Cookie", &cookie).send().await.expect(200);
}

async fn the_operator_signs_out(alias: &Alias) {
    let world = World::new();
    let cookie = operators_cookie(&world, "/api/v1/admin/auth").await;
    assert_eq!(world.post(alias.name).header("Cookie", &cookie).send().await.status, 204, "{alias:?}");
    let after = world.get("/api/v1/admin/auth").header("Cookie", &cookie).send().await;
    after.expect_problem(401, "unauthorized");
}

async fn operators_cookie(world: &World, path: &str) -> String {
    let answer = world.post(path).json(&json!({"password": OPERATOR_PASSWORD})).send().await;
    assert_eq!(answer.expect(200)["success"], true);
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn messages_are_received(alias: &Alias) {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let text = Webhook::sms("SM9", "+15557770000", &business.number, "Hello");
    let signed_for_its_path = text.clone().freeze_signature().path(alias.name).send(&world).await;
    signed_for_its_path.expect_problem(403, "bad_signature");
    assert_eq!(text.path(alias.name).send(&world).await.status, 200, "{alias:?}");
    assert_eq!(business.items(&world, "/api/v1/conversations?contact_address=%2B15557770000").await.len(), 1);
}
