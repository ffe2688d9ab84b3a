//! An API key may do what its scopes say: each operation takes the one that its row names, and no other.

use serde_json::json;
use server::http::access::{Needs, OPERATIONS};
use tenancy::{Permission, Permissions};

use crate::support::{Business, Operation, World, ids_of, operations, text};

async fn key_with(world: &World, business: &Business, scopes: Permissions) -> (String, String) {
    let scopes: Vec<_> = scopes.iter().map(Permission::as_str).collect();
    let body = json!({"name": "x", "scopes": scopes});
    let made = world.post(&business.path("/api-keys")).operator().json(&body).send().await.expect(201);
    (text(&made["id"]), text(&made["key"]))
}

/// What an operation hands out, which nobody gets by it who does not have it.
fn given(operation: &Operation) -> impl Iterator<Item = Permission> {
    let given = match operation.id() {
        "create_owner_token" => Permissions::of_owner_tokens(),
        _ => Permissions::NONE,
    };
    given.iter()
}

#[actix_web::test]
async fn a_key_that_may_not_look_gets_no_owner_token() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let only = [Permission::CredentialsRead, Permission::CredentialsWrite].into_iter().collect();
    let (_, key) = key_with(&world, &business, only).await;
    let path = business.path("/owner-tokens");
    let refused = world.post(&path).key(&key).json(&json!({"name": "owner"})).send().await;
    refused.expect_problem(403, "forbidden");
    assert!(refused.text().contains("tenant:read"), "{}", refused.text());
    let listed = world.get(&path).key(&key).send().await.expect(200);
    assert_eq!(listed["items"], json!([]));
}

#[actix_web::test]
async fn the_scope_that_its_row_names_opens_an_operation_and_all_others_do_not() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let described = operations();
    let mut tried = 0;
    for row in OPERATIONS {
        let Needs::Has(permission) = row.needs else { continue };
        if !Permissions::of_programs().contains(permission) {
            continue;
        }
        let is_this = |one: &&_| {
            let one: &Operation = one;
            one.method.to_uppercase() == row.method.as_str() && one.path == row.path
        };
        let operation = described.iter().find(is_this).unwrap();
        let only: Permissions = [permission].into_iter().collect();
        let (_, with_all_others) = key_with(&world, &business, Permissions::of_programs().beyond(only)).await;
        let (_, with_it) = key_with(&world, &business, only.iter().chain(given(operation)).collect()).await;
        let mut ids = ids_of(&world, &business).await;
        // Nobody gets a key for more than they may do themselves, by exchanging one either.
        ids.insert("key_id", key_with(&world, &business, only).await.0);
        let path = operation.path_with(&ids);
        let refused = operation.call(&world, (&path, &ids), |call| call.key(&with_all_others)).await;
        refused.expect_problem(403, "forbidden");
        assert!(refused.text().contains(permission.as_str()), "{}: {}", operation.id(), refused.text());
        let answer = operation.call(&world, (&path, &ids), |call| call.key(&with_it)).await;
        assert!(![401, 403].contains(&answer.status) && answer.status < 500, "{}", answer.text());
        world.pass(60);
        tried += 1;
    }
    assert!(tried > 35, "only {tried} operations were tried");
}
