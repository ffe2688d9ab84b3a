//! Walks the OpenAPI document: no operation answers without a credential, and none tells another tenant's things
//! from things that do not exist. An operation without a case here fails.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use server::http::openapi;
use uuid::Uuid;

use crate::support::{Answer, Business, Call, World, text};

/// An operation of the document.
struct Operation {
    method: String,
    path: String,
    description: Value,
}

impl Operation {
    fn id(&self) -> &str {
        self.description["operationId"].as_str().unwrap()
    }

    fn is_protected(&self) -> bool {
        let requirements = self.description["security"].as_array().unwrap();
        requirements.iter().any(|requirement| !requirement.as_object().unwrap().is_empty())
    }

    fn is_webhook(&self) -> bool {
        self.path.starts_with("/webhooks/")
    }

    fn has_id(&self) -> bool {
        self.path.contains('{')
    }

    /// Returns the path with an id for each parameter.
    fn path_with(&self, ids: &BTreeMap<&str, String>) -> String {
        let mut path = self.path.clone();
        for (parameter, id) in ids {
            path = path.replace(&format!("{{{parameter}}}"), id);
        }
        assert!(!path.contains('{'), "{}: give an id for each parameter of {path} in this test", self.id());
        path
    }

    async fn call(&self, world: &World, path: &str, key: Option<&str>) -> Answer {
        let call = match self.method.as_str() {
            "get" => world.get(path),
            "post" => world.post(path),
            "put" => world.put(path),
            "patch" => world.patch(path),
            "delete" => world.delete(path),
            other => panic!("{other} is no method that this test knows"),
        };
        let call = key.into_iter().fold(call, Call::key);
        match self.description.get("requestBody") {
            Some(_) => call.json(&valid_body(self.id())).send().await,
            None => call.send().await,
        }
    }
}

/// Returns a body that an operation accepts, so that nothing but the id can be at fault.
fn valid_body(operation: &str) -> Value {
    match operation {
        "create_tenant" | "create_api_key" | "create_widget_token" => json!({"name": "x"}),
        "change_tenant" => json!({"plan": "growth"}),
        "add_provider_account" => json!({"provider": "twilio", "account_sid": "AC9", "auth_token": "t"}),
        "bind_channel" => json!({"channel": "sms", "provider": "twilio", "address": "+15559990000"}),
        "change_channel" => json!({"is_active": true}),
        "change_contact_consent" | "change_consent" => json!({"state": "opted_out"}),
        "answer_in_person" => json!({"text": "hello"}),
        "chat" => json!({"session_id": "s", "text": "hi"}),
        "put_profile" | "twilio_sms" | "twilio_status" | "twilio_probe" => json!({}),
        other => panic!("{other} has a body: give one that it accepts in this test"),
    }
}

fn operations() -> Vec<Operation> {
    let document = json!(openapi::document());
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, description) in item.as_object().unwrap() {
            let (method, path) = (method.clone(), path.clone());
            found.push(Operation { method, path, description: description.clone() });
        }
    }
    assert!(found.len() > 30, "the walk found {} operations", found.len());
    found
}

/// Returns the id of one of everything that a business has, by the parameter that names it.
async fn ids_of(world: &World, business: &Business) -> BTreeMap<&'static str, String> {
    let make = async |path: &str, body: Value| {
        text(&world.post(&business.path(path)).key(&business.key).json(&body).send().await.expect(201)["id"])
    };
    let first = async |path: &str| text(&business.items(world, path).await[0]["id"]);
    let account =
        json!({"provider": "twilio", "account_sid": format!("AC{}", business.number), "auth_token": "t"});
    BTreeMap::from([
        ("tenant_id", business.id.clone()),
        ("key_id", make("/api-keys", json!({"name": "another"})).await),
        ("token_id", make("/widget-tokens", json!({"name": "site"})).await),
        ("account_id", make("/provider-accounts", account).await),
        ("channel_id", first(&business.path("/channels")).await),
        ("contact_id", first("/api/v1/contacts").await),
        ("conversation_id", first("/api/v1/conversations").await),
    ])
}

fn random_ids(ids: &BTreeMap<&'static str, String>) -> BTreeMap<&'static str, String> {
    ids.keys().map(|parameter| (*parameter, Uuid::now_v7().to_string())).collect()
}

/// Everything but the tenant is foreign: the path begins with the caller's own tenant.
fn under_own_tenant(ids: &BTreeMap<&'static str, String>, own: &Business) -> BTreeMap<&'static str, String> {
    let mut ids = ids.clone();
    ids.insert("tenant_id", own.id.clone());
    ids
}

#[actix_web::test]
async fn without_a_credential_every_operation_is_401() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let ids = ids_of(&world, &business).await;
    for operation in operations().into_iter().filter(|one| one.is_protected() && !one.is_webhook()) {
        let answer = operation.call(&world, &operation.path_with(&ids), None).await;
        answer.expect_problem(401, "unauthorized");
        assert!(!answer.header("www-authenticate").is_empty(), "{}", operation.id());
    }
}

#[actix_web::test]
async fn a_bad_credential_is_401_whatever_else_is_wrong() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let ids = random_ids(&ids_of(&world, &business).await);
    for operation in operations().into_iter().filter(|one| one.is_protected() && !one.is_webhook()) {
        let answer = operation.call(&world, &operation.path_with(&ids), Some("cc_live_forged")).await;
        answer.expect_problem(401, "unauthorized");
    }
}

#[actix_web::test]
async fn without_a_signature_every_webhook_is_403() {
    let world = World::new();
    for operation in operations().into_iter().filter(Operation::is_webhook) {
        for path in [operation.path.clone(), format!("/api/v1{}", operation.path)] {
            operation.call(&world, &path, None).await.expect_problem(403, "bad_signature");
        }
    }
}

#[actix_web::test]
async fn on_every_path_other_methods_are_405() {
    let world = World::new();
    for operation in operations() {
        let path = operation.path.replace(['{', '}'], "");
        let answer = Call::new(&world, "PROPFIND", &path).send().await;
        answer.expect_problem(405, "method_not_allowed");
        assert!(answer.header("allow").to_lowercase().contains(&operation.method), "{path}");
    }
}

#[actix_web::test]
async fn only_health_and_readiness_need_no_credential() {
    let open: Vec<_> = operations().into_iter().filter(|one| !one.is_protected()).collect();
    assert_eq!(open.iter().map(Operation::id).collect::<Vec<_>>(), ["health", "healthz", "readyz"]);
}

#[actix_web::test]
async fn row_47_a_foreign_id_answers_byte_for_byte_like_a_random_one() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    let foreign = ids_of(&world, &other).await;
    for operation in operations().into_iter().filter(Operation::has_id) {
        let (random, malformed) =
            (random_ids(&foreign), foreign.keys().map(|name| (*name, "x".to_owned())).collect());
        let own_tenant = |ids| operation.path_with(&under_own_tenant(ids, &own));
        let mut paths = vec![operation.path_with(&foreign), operation.path_with(&random)];
        paths.push(operation.path_with(&malformed));
        if own_tenant(&foreign) != own_tenant(&random) {
            paths.extend([own_tenant(&foreign), own_tenant(&random), own_tenant(&malformed)]);
        }
        for like in paths.chunks(3) {
            let mut answers = Vec::new();
            for path in like {
                let answer = operation.call(&world, path, Some(&own.key)).await;
                answer.expect_problem(404, "not_found");
                answers.push(answer.fingerprint());
            }
            assert!(answers.iter().all(|answer| *answer == answers[0]), "{}: {answers:#?}", operation.id());
        }
    }
    other_is_untouched(&world, &other, &foreign).await;
}

/// The ids were right all along: with the other tenant's own key every one of them is found.
async fn other_is_untouched(world: &World, other: &Business, ids: &BTreeMap<&'static str, String>) {
    let mut found = operations();
    found.retain(Operation::has_id);
    found.sort_by_key(|operation| operation.method == "delete");
    for operation in found {
        let answer = operation.call(world, &operation.path_with(ids), Some(&other.key)).await;
        assert_ne!(answer.status, 404, "{}: {}", operation.id(), answer.text());
        assert!(answer.status < 500, "{}: {}", operation.id(), answer.text());
    }
}

#[actix_web::test]
async fn a_list_shows_the_callers_own_things_only() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    for path in ["/api/v1/conversations", "/api/v1/contacts"] {
        let shown = world.get(path).key(&own.key).send().await.text();
        assert!(shown.contains(&own.customer) && !shown.contains(&other.customer), "{shown}");
    }
    let found = own.items(&world, &format!("/api/v1/contacts?phone={}", other.customer)).await;
    assert_eq!(found, Vec::<Value>::new());
}

#[actix_web::test]
async fn row_49_a_forged_tenant_header_is_ignored() {
    let world = World::new();
    let own = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    for header in ["X-Business-ID", "X-Tenant-Id"] {
        let shown = world.get("/api/v1/conversations").key(&own.key).header(header, &other.id).send().await;
        assert!(shown.text().contains(&own.customer) && !shown.text().contains(&other.customer));
        let alone = world.get("/api/v1/conversations").header(header, &other.id).send().await;
        alone.expect_problem(401, "unauthorized");
    }
}

#[actix_web::test]
async fn the_operator_selects_a_tenant_by_header() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = "/api/v1/conversations";
    for header in ["X-Business-ID", "X-Tenant-Id"] {
        let shown = world.get(path).operator().header(header, &business.id).send().await;
        assert!(shown.text().contains(&business.customer));
        world.get(path).operator().header(header, "nobody").send().await.expect_problem(404, "not_found");
    }
    world.get(path).operator().send().await.expect_problem(400, "invalid_request");
}

#[actix_web::test]
async fn a_business_id_alone_counts_where_the_operator_trusts_it() {
    let world = World::with(|settings, _| settings.trust_business_id = true);
    let business = world.business("Bristol", "+15551230000").await;
    let path = "/api/v1/conversations";
    let shown = world.get(path).header("X-Business-ID", &business.id).send().await;
    assert!(shown.text().contains(&business.customer));
    world
        .get(path)
        .header("X-Business-ID", &Uuid::now_v7().to_string())
        .send()
        .await
        .expect_problem(404, "not_found");
    world.get(path).header("X-Tenant-Id", &business.id).send().await.expect_problem(401, "unauthorized");
    let suspend = json!({"status": "suspended"});
    world.patch(&business.path("")).operator().json(&suspend).send().await.expect(200);
    let answer = world.get(path).header("X-Business-ID", &business.id).send().await;
    answer.expect_problem(403, "tenant_suspended");
}
