//! `/api/v1/tenants/{tenant_id}/limits`, and what they bring about.

use kernel::ModelProvider;
use serde_json::{Value, json};

use super::usage::Page;
use crate::support::{Answer, Business, World, faulty_fields, text};

async fn put(world: &World, business: &Business, turns: Value, budget: Value) -> Answer {
    let body = json!({"turns_per_month": turns, "model_budget_micros_per_day": budget});
    world.put(&business.path("/limits")).operator().json(&body).send().await
}

async fn set(world: &World, business: &Business, turns: Value, budget: Value) -> Value {
    put(world, business, turns, budget).await.expect(200)
}

async fn shown(world: &World, business: &Business) -> Value {
    world.get(&business.path("/limits")).key(&business.key).send().await.expect(200)
}

#[actix_web::test]
async fn the_operator_sets_limits_over_those_of_the_plan_and_takes_them_back() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let now = set(&world, &business, json!(5), json!("unlimited")).await;
    assert_eq!(
        (&now["turns_per_month"], &now["model_budget_micros_per_day"]),
        (&json!(5), &json!("unlimited"))
    );
    assert_eq!(now["own"], json!({"turns_per_month": 5, "model_budget_micros_per_day": "unlimited"}));
    assert_eq!(shown(&world, &business).await, now);
    let now = set(&world, &business, Value::Null, json!(0)).await;
    assert_eq!((&now["turns_per_month"], &now["model_budget_micros_per_day"]), (&json!(1_000), &json!(0)));
    world.patch(&business.path("")).operator().json(&json!({"plan": "custom"})).send().await.expect(200);
    assert_eq!(shown(&world, &business).await["turns_per_month"], "unlimited");
}

#[actix_web::test]
async fn a_change_of_limits_is_in_the_audit_log_by_whom_and_from_what_to_what() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for _ in 0..2 {
        set(&world, &business, json!(5), Value::Null).await;
    }
    let log = business.items(&world, &business.path("/audit-log?action=limits.set")).await;
    assert_eq!(log.len(), 1);
    assert_eq!((&log[0]["actor"], &log[0]["resource_id"]), (&json!("operator:key"), &json!(business.id)));
    assert_eq!(log[0]["detail"], "turns_per_month: by plan -> 5");
}

#[actix_web::test]
async fn what_is_no_limit_is_refused_and_so_is_half_of_them() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for turns in [json!(-1), json!(1.5), json!("many"), json!(true)] {
        let refused = put(&world, &business, turns.clone(), Value::Null).await;
        assert_eq!(refused.status, 400, "{turns}: {}", refused.text());
        assert!(refused.text().contains("unlimited"), "{}", refused.text());
    }
    let problem = put(&world, &business, json!(u64::MAX), Value::Null).await;
    assert_eq!(faulty_fields(&problem.expect_problem(400, "invalid_request")), ["turns_per_month"]);
    for half in [json!({"turns_per_month": 5}), json!({"model_budget_micros_per_day": null})] {
        assert_eq!(world.put(&business.path("/limits")).operator().json(&half).send().await.status, 400);
    }
    assert_eq!(shown(&world, &business).await["own"]["turns_per_month"], Value::Null);
}

#[actix_web::test]
async fn nobody_has_limits_who_is_not_there() {
    let world = World::new();
    let nobody = format!("/api/v1/tenants/{}/limits", uuid::Uuid::now_v7());
    let body = json!({"turns_per_month": 5, "model_budget_micros_per_day": null});
    world.put(&nobody).operator().json(&body).send().await.expect_problem(404, "not_found");
    world.get(&nobody).operator().send().await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn the_state_runs_from_within_through_grace_to_over_where_nobody_is_answered() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    set(&world, &business, json!(10), Value::Null).await;
    let page = Page::of(&world, &business).await;
    for (turns, state) in (1..=11).map(|turns| (turns, if turns < 10 { "within" } else { "grace" })) {
        assert!(page.say(&world, &format!("Question {turns}")).await["reply_text"].is_string(), "{turns}");
        let shown = shown(&world, &business).await;
        let state = if turns == 11 { "over" } else { state };
        assert_eq!((&shown["turns_this_month"], &shown["state"]), (&json!(turns), &json!(state)));
        world.pass(60);
    }
    let asked = world.model.requests().len();
    let silent = page.say(&world, "Hello?").await;
    assert_eq!(silent["reply_text"], Value::Null);
    assert_eq!(world.model.requests().len(), asked, "no model is asked");
    let path = format!("/api/v1/conversations/{}/refused-sends", text(&silent["conversation_id"]));
    assert_eq!(business.items(&world, &path).await[0]["reason"], "plan_limit");
    let usage = super::usage::show(&world, &business, "").await;
    assert_eq!((&usage["totals"]["turns"], &usage["totals"]["turns_answered"]), (&json!(12), &json!(11)));
    // A new month begins with all of its turns.
    world.pass(30 * 24 * 60 * 60);
    assert!(page.say(&world, "Hello?").await["reply_text"].is_string());
    assert_eq!(shown(&world, &business).await["turns_this_month"], 1);
}

#[actix_web::test]
async fn once_the_days_budget_is_used_up_only_the_model_in_the_box_is_asked_until_the_next_day() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    set(&world, &business, Value::Null, json!(550)).await;
    let page = Page::of(&world, &business).await;
    page.answered_by(&world, "gemini-2.5-flash", (1_000, 99)).await;
    page.say(&world, "Still there?").await;
    page.answered_by(&world, "gemini-2.5-flash", (10, 0)).await;
    page.say(&world, "And now?").await;
    world.pass(24 * 60 * 60);
    page.say(&world, "Good morning").await;
    let providers: Vec<_> =
        world.model.requests().into_iter().map(|request| request.settings.providers).collect();
    let (any, boxed) = (Vec::new(), vec![ModelProvider::Offline]);
    assert_eq!(providers, [any.clone(), any.clone(), any.clone(), boxed, any]);
}
