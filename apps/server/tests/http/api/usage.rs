//! `/api/v1/tenants/{tenant_id}/usage`

use conversation::{ModelReply, TokenUsage};
use serde_json::{Value, json};

use crate::support::{Business, World, faulty_fields, text};

/// A visitor of the tenant's web page, whose turns are taken at once.
pub(super) struct Page {
    token: String,
}

impl Page {
    pub(super) async fn of(world: &World, business: &Business) -> Self {
        let body = json!({"name": "site", "allowed_origins": ["*"]});
        let made = world.post(&business.path("/widget-tokens")).operator().json(&body).send().await;
        Self { token: text(&made.expect(201)["token"]) }
    }

    /// Says something, and returns the answer.
    pub(super) async fn say(&self, world: &World, words: &str) -> Value {
        let body = json!({"session_id": "visitor", "text": words});
        world.post("/api/v1/chat").header("X-Widget-Token", &self.token).json(&body).send().await.expect(200)
    }

    /// Has a model write the answer, at so many tokens.
    pub(super) async fn answered_by(&self, world: &World, model: &str, (input, output): (u32, u32)) {
        let usage = TokenUsage { input, output };
        world.model.then_replies(ModelReply {
            text: "We do.".into(),
            model: model.into(),
            usage,
            ..ModelReply::default()
        });
        self.say(world, "Do you?").await;
    }
}

pub(super) async fn show(world: &World, business: &Business, query: &str) -> Value {
    world.get(&business.path(&format!("/usage{query}"))).key(&business.key).send().await.expect(200)
}

#[actix_web::test]
async fn a_tenant_that_has_used_nothing_sees_no_day_and_its_plans_limits() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let shown = show(&world, &business, "").await;
    assert_eq!((&shown["from"], &shown["to"]), (&json!("2026-11-01"), &json!("2026-11-02")));
    assert_eq!((&shown["items"], &shown["totals"]["turns"]), (&json!([]), &json!(0)));
    assert_eq!(
        shown["limits"],
        json!({
            "plan": "starter", "turns_per_month": 1_000, "grace_percent": 10, "turns_this_month": 0,
            "state": "within", "model_budget_micros_per_day": 1_000_000, "spent_today_micros": 0,
            "own": {"turns_per_month": null, "model_budget_micros_per_day": null},
        })
    );
}

#[actix_web::test]
async fn what_was_used_is_shown_by_day_and_model_with_what_it_cost() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let page = Page::of(&world, &business).await;
    page.answered_by(&world, "gemini-2.5-flash", (1_000, 100)).await;
    page.answered_by(&world, "llama3", (7, 5)).await;
    world.pass(24 * 60 * 60);
    page.answered_by(&world, "gemini-2.5-flash", (1_000, 100)).await;
    let shown = show(&world, &business, "").await;
    let cost = 300 + 250;
    let days: Vec<_> = shown["items"].as_array().unwrap().iter().map(|item| &item["day"]).collect();
    assert_eq!(days, ["2026-11-02", "2026-11-03"]);
    let first = &shown["items"][0];
    assert_eq!((&first["cost_micros"], &first["unpriced_tokens"]), (&json!(cost), &json!(12)));
    assert_eq!(
        first["models"],
        json!([
            {"model": "gemini-2.5-flash", "turns": 1, "turns_answered": 1, "messages_in": 1, "messages_out": 1,
             "tokens_in": 1_000, "tokens_out": 100, "cost_micros": cost, "unpriced_tokens": 0},
            {"model": "llama3", "turns": 1, "turns_answered": 1, "messages_in": 1, "messages_out": 1,
             "tokens_in": 7, "tokens_out": 5, "cost_micros": 0, "unpriced_tokens": 12},
        ])
    );
    assert_eq!((&shown["totals"]["turns"], &shown["totals"]["cost_micros"]), (&json!(3), &json!(2 * cost)));
    assert_eq!(shown["limits"]["turns_this_month"], 3);
    assert_eq!(shown["limits"]["spent_today_micros"], cost);
    let yesterday = show(&world, &business, "?from=2026-11-02&to=2026-11-02").await;
    assert_eq!((&yesterday["items"][0], &yesterday["items"][1]), (first, &Value::Null));
}

#[actix_web::test]
async fn a_turn_of_several_models_counts_once_and_each_model_has_its_own_tokens() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let page = Page::of(&world, &business).await;
    world.model.then_replies(ModelReply {
        tool_calls: vec![conversation::ToolCall {
            id: "1".into(),
            name: "capture_lead".into(),
            arguments: json!({"name": "Ann Baker"}),
            provider_data: None,
        }],
        model: "gpt-4.1".into(),
        usage: TokenUsage { input: 10, output: 0 },
        ..ModelReply::default()
    });
    page.answered_by(&world, "gemini-2.5-flash", (10, 0)).await;
    let shown = show(&world, &business, "").await;
    let models = shown["items"][0]["models"].as_array().unwrap();
    let found: Vec<_> = models
        .iter()
        .map(|one| (text(&one["model"]), one["turns"].clone(), one["cost_micros"].clone()))
        .collect();
    let expected = [("gemini-2.5-flash".into(), json!(1), json!(3)), ("gpt-4.1".into(), json!(0), json!(20))];
    assert_eq!(found, expected);
}

#[actix_web::test]
async fn a_persons_reply_is_a_message_of_that_day_and_no_turn() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = format!("/api/v1/conversations/{}/messages", business.conversation_id(&world).await);
    world.post(&path).key(&business.key).json(&json!({"text": "We do!"})).send().await.expect(201);
    let shown = show(&world, &business, "").await;
    let totals = &shown["totals"];
    assert_eq!((&totals["messages_out"], &totals["turns"]), (&json!(1), &json!(0)));
    assert_eq!(shown["items"][0]["models"][0]["model"], Value::Null);
}

#[actix_web::test]
async fn days_that_are_none_or_too_many_are_named() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for (query, fields) in [
        ("?from=yesterday&to=2026-13-01", &["from", "to"][..]),
        ("?from=2026-1-2", &["from"]),
        ("?from=2026-11-02&to=2026-11-01", &["to"]),
        ("?from=2025-01-01&to=2026-01-02", &["to"]),
    ] {
        for path in ["/usage", "/usage/export"] {
            let path = business.path(&format!("{path}{query}"));
            let problem =
                world.get(&path).key(&business.key).send().await.expect_problem(400, "invalid_request");
            assert_eq!(faulty_fields(&problem), fields, "{path}");
        }
    }
    show(&world, &business, "?from=2025-11-02&to=2026-11-02").await;
}

#[actix_web::test]
async fn the_export_has_a_line_for_each_day_and_model_and_runs_nowhere() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let page = Page::of(&world, &business).await;
    page.answered_by(&world, "=HYPERLINK(\"http://evil\")", (1, 2)).await;
    page.say(&world, "Hello").await;
    let answer = world.get(&business.path("/usage/export")).key(&business.key).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"usage.csv\"");
    let text = answer.text();
    let lines: Vec<_> = text.split_terminator("\r\n").collect();
    let header = "day,model,turns,turns_answered,messages_in,messages_out,tokens_in,tokens_out,cost_micros,unpriced_tokens";
    assert_eq!(lines[0], header);
    assert_eq!(lines[1], "2026-11-02,,1,1,1,1,0,0,0,0");
    assert_eq!(lines[2], "2026-11-02,\"'=HYPERLINK(\"\"http://evil\"\")\",1,1,1,1,1,2,0,3");
    assert_eq!(lines.len(), 3);
}
