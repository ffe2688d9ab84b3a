//! `/api/v1/contacts` and `/api/v1/consent`

use serde_json::json;

use crate::support::{World, faulty_fields, text};

#[actix_web::test]
async fn a_contact_is_found_by_phone_even_when_the_plus_became_a_space() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let digits = business.customer.trim_start_matches('+');
    for phone in [format!("%2B{digits}"), format!("+{digits}"), format!("tel:%2B{digits}")] {
        let found = business.items(&world, &format!("/api/v1/contacts?phone={phone}")).await;
        assert_eq!(found.len(), 1, "{phone}");
        assert_eq!(found[0]["addresses"], json!([business.customer]));
        assert!(found[0]["name"].is_null());
    }
}

#[actix_web::test]
async fn a_phone_that_is_none_is_400() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for phone in ["5551230000", "anonymous", "'%20OR%201=1"] {
        let answer = world.get(&format!("/api/v1/contacts?phone={phone}")).key(&business.key).send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["phone"]);
    }
}

#[actix_web::test]
async fn a_contact_is_shown() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let listed = business.items(&world, "/api/v1/contacts").await[0].clone();
    let path = format!("/api/v1/contacts/{}", text(&listed["id"]));
    assert_eq!(world.get(&path).key(&business.key).send().await.expect(200), listed);
}

#[actix_web::test]
async fn a_persons_word_changes_consent_for_all_addresses_and_stays_in_the_ledger() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let contact = business.items(&world, "/api/v1/contacts").await[0].clone();
    let path = format!("/api/v1/contacts/{}/consent", text(&contact["id"]));
    assert_eq!(business.items(&world, &path).await[0]["state"], "unknown");
    let body = json!({"state": "opted_out", "evidence": "said so at the counter"});
    let changed = world.put(&path).key(&business.key).json(&body).send().await.expect(200);
    assert_eq!(changed["items"][0]["state"], "opted_out");
    assert_eq!(business.items(&world, &path).await, changed["items"].as_array().unwrap().clone());
    let ledger =
        business.items(&world, &format!("/api/v1/consent/ledger?address={}", business.customer)).await;
    assert_eq!(ledger[0]["action"], "opt_out");
    assert_eq!(ledger[0]["source"], "person");
    assert_eq!(ledger[0]["evidence"], "said so at the counter");
}

#[actix_web::test]
async fn a_yes_needs_proof() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let call = world.put("/api/v1/consent?address=%2B15557770000").key(&business.key);
    let answer = call.json(&json!({"state": "opted_in"})).send().await;
    assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["evidence"]);
}

#[actix_web::test]
async fn a_state_that_nobody_can_declare_is_400() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for state in ["unknown", "maybe"] {
        let call = world.put("/api/v1/consent?address=%2B15557770000").key(&business.key);
        let answer = call.json(&json!({"state": state})).send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["state"]);
    }
}

#[actix_web::test]
async fn a_number_that_no_contact_has_can_say_no() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = "/api/v1/consent?address=+15557770000";
    assert_eq!(world.get(path).key(&business.key).send().await.expect(200)["state"], "unknown");
    let no = json!({"state": "opted_out"});
    world.put(path).key(&business.key).json(&no).send().await.expect(200);
    let shown = world.get(path).key(&business.key).send().await.expect(200);
    assert_eq!((&shown["state"], &shown["address"]), (&json!("opted_out"), &json!("+15557770000")));
}

#[actix_web::test]
async fn an_address_that_is_neither_a_number_nor_a_contacts_is_404() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let answer = world.get("/api/v1/consent?address=nobody").key(&business.key).send().await;
    answer.expect_problem(404, "not_found");
    let answer = world.get("/api/v1/consent").key(&business.key).send().await;
    answer.expect_problem(400, "invalid_request");
}
