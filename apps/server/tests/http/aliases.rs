//! Other names of paths lead to the same.

use serde_json::json;
use server::http::aliases::{ALIASES, Alias};

use crate::support::{OPERATOR_PASSWORD, Webhook, World, text};

#[actix_web::test]
async fn each_name_serves_what_its_path_serves() {
    for alias in ALIASES {
        match alias.path {
            "/api/v1/tenants" => tenants_are_served(alias).await,
            "/api/v1/admin/auth" => the_operator_signs_in(alias).await,
            "/api/v1/admin/logout" => the_operator_signs_out(alias).await,
            "/api/v1/tenants/{tenant_id}/channels" => numbers_are_bound_and_switched(alias).await,
            "/api/v1/conversations" => conversations_are_served(alias).await,
            "/api/v1/contacts" => contacts_are_served(alias).await,
            "/webhooks/twilio/sms" => messages_are_received(alias).await,
            other => panic!("{other} has no case: say here what its other name {} must do", alias.name),
        }
    }
}

#[test]
fn the_list_for_people_has_every_name_and_none_besides() {
    let page = include_str!("../../../../docs/aliases.md");
    let cells = page.lines().filter_map(|line| line.strip_prefix("| `/")?.strip_suffix("` |"));
    let listed: Vec<_> = cells.filter_map(|cells| cells.split_once("` | `")).collect();
    let rows: Vec<_> = ALIASES.iter().map(|alias| (alias.name.trim_start_matches('/'), alias.path)).collect();
    assert_eq!(listed, rows);
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
    what_lies_below_a_tenant_is_served(alias, &world, &business.id).await;
    let page = world.get(&format!("{}?limit=1", alias.name)).operator().send().await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "the query counts too: {alias:?}");
    world.get(alias.name).send().await.expect_problem(401, "unauthorized");
    let foreign = world.business("York", "+15551230001").await;
    let path = format!("{}/{}", alias.name, business.id);
    world.get(&path).key(&foreign.key).send().await.expect_problem(404, "not_found");
}

/// Changes and makes things under the other name, and finds them under the path.
async fn what_lies_below_a_tenant_is_served(alias: &Alias, world: &World, tenant: &str) {
    let one = |below: &str| format!("{}/{tenant}{below}", alias.name);
    let other = |below: &str| format!("/api/v1/tenants/{tenant}{below}");
    let get = async |path: &str| world.get(path).operator().send().await.expect(200);
    let plan = json!({"plan": "growth"});
    let changed = world.patch(&one("")).operator().json(&plan).send().await.expect(200);
    assert_eq!((&changed["plan"], get(&other("")).await), (&json!("growth"), changed.clone()), "{alias:?}");
    let profile = json!({"name": "Brief", "role": "receptionist", "system_prompt": "Be brief."});
    let made = world.post(&one("/ai-profiles")).operator().json(&profile).send().await.expect(201);
    let profile = format!("/ai-profiles/{}", text(&made["id"]));
    let renamed = world.patch(&one(&profile)).operator().json(&json!({"name": "Short"}));
    assert_eq!(renamed.send().await.expect(200)["name"], "Short", "{alias:?}");
    let flag = one("/feature-flags/enable_rag");
    world.put(&flag).operator().json(&json!({"enabled": true})).send().await.expect(200);
    let prompt = json!({"channel": "sms", "sections": [{"key": "tone", "order": 1, "content": "Be kind."}]});
    let drafted = world.post(&one("/prompts")).operator().json(&prompt).send().await.expect(201);
    let prompt = format!("/prompts/{}", text(&drafted["id"]));
    for below in ["/ai-profiles", &profile, "/usage", "/feature-flags", "/prompts", &prompt] {
        assert_eq!(get(&one(below)).await, get(&other(below)).await, "{alias:?}{below}");
    }
    assert_eq!(get(&other(&profile)).await["name"], "Short", "{alias:?}");
    let flags = get(&other("/feature-flags")).await.to_string();
    assert!(flags.contains("enable_rag") && flags.contains("true"), "{alias:?}: {flags}");
}

async fn numbers_are_bound_and_switched(alias: &Alias) {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let name = alias.name.replace("{tenant_id}", &business.id);
    let bound = json!({"channel": "sms", "provider": "twilio", "address": "+15551230009"});
    let bound = world.post(&name).key(&business.key).json(&bound).send().await.expect(201);
    let one = format!("{name}/{}", text(&bound["id"]));
    let off = json!({"is_active": false});
    let changed = world.patch(&one).key(&business.key).json(&off).send().await.expect(200);
    assert_eq!((&changed["id"], &changed["is_active"]), (&bound["id"], &json!(false)), "{alias:?}");
    assert_eq!(
        business.items(&world, &name).await,
        business.items(&world, &business.path("/channels")).await
    );
    let foreign = world.business("York", "+15551230001").await;
    world.get(&name).key(&foreign.key).send().await.expect_problem(404, "not_found");
}

async fn conversations_are_served(alias: &Alias) {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = business.conversation_id(&world).await;
    let listed = business.items(&world, &format!("{}?status=open", alias.name)).await;
    assert_eq!((listed.len(), text(&listed[0]["id"])), (1, id.clone()), "{alias:?}");
    let name = format!("{}/{id}", alias.name);
    let one = world.get(&name).key(&business.key).send().await.expect(200);
    assert_eq!(one["id"], id);
    let said = world.post(&format!("{name}/messages")).key(&business.key).json(&json!({"text": "On my way"}));
    said.send().await.expect(201);
    let shown = business.items(&world, &format!("{name}/messages")).await;
    assert_eq!((shown.len(), &shown[1]["text"]), (2, &json!("On my way")), "{alias:?}");
    world.get(alias.name).send().await.expect_problem(401, "unauthorized");
}

async fn contacts_are_served(alias: &Alias) {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let listed = business.items(&world, alias.name).await;
    assert_eq!(listed, business.items(&world, alias.path).await, "{alias:?}");
    let name = format!("{}/{}", alias.name, text(&listed[0]["id"]));
    let one = world.get(&name).key(&business.key).send().await.expect(200);
    assert_eq!(one["id"], listed[0]["id"]);
    world.get(alias.name).send().await.expect_problem(401, "unauthorized");
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
    let sms = Webhook::sms("SM9", "+15557770000", &business.number, "Hello");
    let signed_for_its_path = sms.clone().freeze_signature().path(alias.name).send(&world).await;
    signed_for_its_path.expect_problem(403, "bad_signature");
    assert_eq!(sms.path(alias.name).send(&world).await.status, 200, "{alias:?}");
    assert_eq!(business.items(&world, "/api/v1/conversations?contact_address=%2B15557770000").await.len(), 1);
}
