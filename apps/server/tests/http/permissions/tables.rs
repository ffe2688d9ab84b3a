//! What is registered, what is described and what is in the server's own table of access are the same.

use server::http::access::{Needs, OPERATIONS};

use crate::support::operations;

const ROUTES: &str = include_str!("../../../src/http/routes.rs");
/// What shows nothing but where to go on, and asks nobody who they are.
const UNLISTED: [&str; 2] = ["/", "/docs"];

fn rows() -> Vec<(String, String)> {
    let mut rows: Vec<_> =
        OPERATIONS.iter().map(|row| (row.method.to_string(), row.path.to_owned())).collect();
    rows.sort();
    rows
}

/// Returns every method and path that the routes register. Carriers' webhooks answer under the API's prefix too, and
/// are listed without it.
fn registered() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for function in ROUTES.split("\nfn ").flat_map(|code| code.split("\npub(super) fn ")) {
        let is_at_root = function.starts_with("register(") || function.starts_with("webhooks(");
        let prefix = if is_at_root { "" } else { "/api/v1" };
        let resources = function.replace("for_pages(\"", "resource(\"");
        for resource in resources.split("resource(").skip(1) {
            let Some(resource) = resource.trim_start().strip_prefix('"') else {
                // What is common to the pages' resources, which are called with their paths.
                assert!(resource.starts_with("path)"), "this test cannot read resource({resource}");
                continue;
            };
            let (path, rest) = resource.split_once('"').unwrap();
            let methods = methods_of(rest);
            assert!(!methods.is_empty(), "{path} answers to no method that this test can read");
            found.extend(methods.into_iter().map(|method| (method, format!("{prefix}{path}"))));
        }
    }
    found.retain(|(_, path)| !UNLISTED.contains(&path.as_str()));
    found.sort();
    found
}

/// A head shows nothing that the body does not.
fn methods_of(resource: &str) -> Vec<String> {
    let routes = resource.split(".route(").skip(1);
    let methods = routes.map(|route| match route.trim_start().split_once("()") {
        Some((method @ ("get" | "post" | "put" | "patch" | "delete" | "head"), _)) => method.to_uppercase(),
        _ => panic!("this test cannot read the route {route}"),
    });
    methods.filter(|method| method != "HEAD").collect()
}

#[test]
fn the_servers_table_has_every_operation_of_the_description_and_none_besides() {
    let described = operations().into_iter();
    let mut described: Vec<_> = described.map(|one| (one.method.to_uppercase(), one.path)).collect();
    described.sort();
    assert_eq!(rows(), described);
    let open = OPERATIONS.iter().filter(|row| row.needs == Needs::Nothing).count();
    assert_eq!(open, 6);
}

#[test]
fn the_servers_table_has_every_route_that_is_registered_and_none_besides() {
    assert_eq!(rows(), registered());
}

#[test]
fn what_the_description_in_docs_has_is_in_the_servers_table_and_the_other_way_round() {
    let kept = include_str!("../../../../../docs/openapi.json");
    let kept: serde_json::Value = serde_json::from_str(kept).unwrap();
    let mut described = Vec::new();
    for (path, item) in kept["paths"].as_object().unwrap() {
        described
            .extend(item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())));
    }
    described.sort();
    assert_eq!(rows(), described);
}
