//! Walks the OpenAPI document: no operation answers without a credential, and none tells another tenant's things
//! from things that do not exist. An operation without a case here fails.

mod party;
mod places;
mod timing;
mod walk;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Call, Operation, World, ids_of, operations};

fn random_ids(ids: &BTreeMap<&'static str, String>) -> BTreeMap<&'static str, String> {
    let mut ids: BTreeMap<_, _> =
        ids.keys().map(|parameter| (*parameter, Uuid::now_v7().to_string())).collect();
    // What belongs to nobody has the same name everywhere.
    ids.insert("flag", "enable_rag".to_owned());
    ids.insert("tag", "vip".to_owned());
    ids
}

#[actix_web::test]
async fn without_a_credential_every_operation_is_401() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let ids = ids_of(&world, &business).await;
    for operation in operations().into_iter().filter(|one| one.is_protected() && !one.is_webhook()) {
        let answer = operation.call(&world, (&operation.path_with(&ids), &ids), |call| call).await;
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
        let answer = operation
            .call(&world, (&operation.path_with(&ids), &ids), |call| call.key("cc_live_forged"))
            .await;
        answer.expect_problem(401, "unauthorized");
    }
}

#[actix_web::test]
async fn without_a_signature_every_webhook_is_403() {
    let world = World::new();
    for operation in operations().into_iter().filter(Operation::is_webhook) {
        for path in [operation.path.clone(), format!("/api/v1{}", operation.path)] {
            operation
                .call(&world, (&path, &BTreeMap::new()), |call| call)
                .await
                .expect_problem(403, "bad_signature");
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
async fn only_health_and_signing_in_need_no_credential() {
    let open: Vec<_> = operations().into_iter().filter(|one| !one.is_protected()).collect();
    let mut open: Vec<_> = open.iter().map(Operation::id).collect();
    open.sort_unstable();
    assert_eq!(open, ["health", "healthz", "log_in", "readyz", "refresh", "sign_in_as_admin"]);
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
    let ask = async |header: &str, id: &str| world.get(path).header(header, id).send().await;
    for header in ["X-Business-ID", "X-Tenant-Id"] {
        assert!(ask(header, &business.id).await.text().contains(&business.customer));
        ask(header, &Uuid::now_v7().to_string()).await.expect_problem(404, "not_found");
    }
    let suspend = json!({"status": "suspended"});
    world.patch(&business.path("")).operator().json(&suspend).send().await.expect(200);
    for header in ["X-Business-ID", "X-Tenant-Id"] {
        ask(header, &business.id).await.expect_problem(403, "tenant_suspended");
    }
}
