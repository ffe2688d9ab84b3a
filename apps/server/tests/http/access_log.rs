//! What is logged of a request, and what is not.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tracing::subscriber::DefaultGuard;

use crate::support::{BrokenStore, World};

/// The log lines of this test's thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn record(&self) -> DefaultGuard {
        let writer = self.clone();
        let lines = tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone());
        tracing::subscriber::set_default(lines.finish())
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn with_message(&self, message: &str) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["message"] == message).collect()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[actix_web::test]
async fn one_line_tells_what_was_served_without_anything_personal() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let lines = Lines::default();
    let recording = lines.record();
    let path = format!("/api/v1/contacts?phone={}", business.customer);
    let answer = world.get(&path).key(&business.key).send().await;
    drop(recording);
    let served = lines.with_message("request served");
    assert_eq!(served.len(), 1);
    assert_eq!(served[0]["http.method"], "GET");
    assert_eq!(served[0]["http.route"], "/api/v1/contacts");
    assert_eq!(served[0]["http.status"], 200);
    assert_eq!(served[0]["tenant.id"], business.id);
    assert_eq!(served[0]["request.id"], answer.header("x-request-id"));
    assert!(served[0]["duration_ms"].is_u64());
    let digits = business.customer.trim_start_matches('+');
    assert!(!lines.text().contains(digits) && !lines.text().contains(&business.key), "{}", lines.text());
}

#[actix_web::test]
async fn ids_in_a_path_are_logged_as_the_routes_pattern() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = business.conversation_id(&world).await;
    let lines = Lines::default();
    let recording = lines.record();
    world.get(&format!("/api/v1/conversations/{id}")).key(&business.key).send().await.expect(200);
    world.get("/+15551230000").send().await.expect_problem(404, "not_found");
    drop(recording);
    let routes: Vec<_> =
        lines.with_message("request served").iter().map(|line| line["http.route"].clone()).collect();
    assert_eq!(routes, ["/api/v1/conversations/{conversation_id}", "unmatched"]);
}

#[actix_web::test]
async fn a_fault_of_ours_is_logged_once_with_its_reason() {
    let world = World::with(|_, ports| ports.stores.tenants = Arc::new(BrokenStore));
    let lines = Lines::default();
    let recording = lines.record();
    let answer = world.get("/api/v1/tenants").operator().send().await;
    drop(recording);
    let failed = lines.with_message("the request failed");
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["request.id"], answer.header("x-request-id"));
    assert_eq!(failed[0]["problem.code"], "unavailable");
    assert!(failed[0]["error"].as_str().unwrap().contains(BrokenStore::REASON));
}
