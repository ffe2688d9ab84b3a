//! Trying prompts on a model: within what the tenant may, counted as the tenant's, and asked anew where the models are others.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use conversation::{Deltas, LanguageModel, ModelError, ModelReply, ModelRequest, TokenUsage};
use kernel::{
    Clock as _, ModelProvider,
    testing::{CountingIds, ManualClock},
};
use serde_json::{Value, json};

use super::usage::show;
use crate::support::{Answer, Business, World, text};

async fn tried(world: &World, business: &Business) -> String {
    let body = json!({"channel": "chat", "sections": [{"key": "tone", "order": 1, "content": "Be kind."}]});
    let path = business.path("/prompts");
    text(&world.post(&path).key(&business.key).json(&body).send().await.expect(201)["id"])
}

async fn example(world: &World, business: &Business, expectation: Value) {
    let body = json!({
        "name": "Opening", "transcript": [{"author": "contact", "text": "When do you open?"}],
        "expectations": [expectation]
    });
    world.post(&business.path("/examples")).key(&business.key).json(&body).send().await.expect(201);
}

async fn run(world: &World, business: &Business, id: &str, mode: &str) -> Answer {
    let path = business.path(&format!("/prompts/{id}/runs"));
    world.post(&path).key(&business.key).json(&json!({"mode": mode})).send().await
}

async fn ask(world: &World, business: &Business, id: &str) -> Answer {
    let path = business.path(&format!("/prompts/{id}/test"));
    world.post(&path).key(&business.key).json(&json!({"text": "When do you open?"})).send().await
}

async fn limit(world: &World, business: &Business, turns: Value, budget: Value) {
    let body = json!({"turns_per_month": turns, "model_budget_micros_per_day": budget});
    world.put(&business.path("/limits")).operator().json(&body).send().await.expect(200);
}

fn asked(world: &World) -> Vec<Vec<ModelProvider>> {
    world.model.requests().into_iter().map(|request| request.settings.providers).collect()
}

#[actix_web::test]
async fn once_the_days_budget_is_used_up_a_prompt_is_tried_on_the_model_in_the_box_alone() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    example(&world, &business, json!({"kind": "judged", "text": "It is kind"})).await;
    let id = tried(&world, &business).await;
    limit(&world, &business, Value::Null, json!(0)).await;
    ask(&world, &business, &id).await.expect(200);
    world.model.then_says("At nine.");
    world.model.then_says(r#"{"passes": true, "reason": "so"}"#);
    assert_eq!(run(&world, &business, &id, "recorded").await.expect(200)["items"][0]["verdict"], "green");
    assert_eq!(asked(&world), vec![vec![ModelProvider::Offline]; 3]);
    // What the model in the box has said is no other model's answer.
    limit(&world, &business, Value::Null, Value::Null).await;
    world.model.then_says("Gladly, at nine.");
    world.model.then_says(r#"{"passes": true, "reason": "so"}"#);
    let result = run(&world, &business, &id, "recorded").await.expect(200);
    assert_eq!(result["items"][0]["answer"]["reply_text"], "Gladly, at nine.");
    assert_eq!(asked(&world)[3..], vec![Vec::<ModelProvider>::new(); 2]);
}

#[actix_web::test]
async fn once_the_months_turns_are_used_up_no_prompt_is_tried() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    example(&world, &business, json!({"kind": "must_hand_off"})).await;
    let id = tried(&world, &business).await;
    limit(&world, &business, json!(0), json!("unlimited")).await;
    ask(&world, &business, &id).await.expect_problem(409, "plan_limit");
    for mode in ["fresh", "recorded"] {
        run(&world, &business, &id, mode).await.expect_problem(409, "plan_limit");
    }
    assert!(world.model.requests().is_empty());
    assert!(business.items(&world, &business.path(&format!("/prompts/{id}/runs"))).await.is_empty());
}

#[actix_web::test]
async fn what_a_try_takes_is_in_the_days_usage_and_is_no_turn() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    example(&world, &business, json!({"kind": "judged", "text": "It is kind"})).await;
    let id = tried(&world, &business).await;
    let answers = |model: &str, text: &str| {
        let usage = TokenUsage { input: 1_000, output: 100 };
        world.model.then_replies(ModelReply {
            text: text.into(),
            model: model.into(),
            usage,
            ..ModelReply::default()
        });
    };
    answers("gemini-2.5-flash", "At nine.");
    ask(&world, &business, &id).await.expect(200);
    answers("gemini-2.5-flash", "At nine.");
    answers("llama3", r#"{"passes": true, "reason": "so"}"#);
    run(&world, &business, &id, "fresh").await.expect(200);
    let shown = show(&world, &business, "").await;
    let line = |model: &str, tokens: (u32, u32), cost: u32, unpriced: u32| {
        json!({
            "model": model, "turns": 0, "turns_answered": 0, "messages_in": 0, "messages_out": 0,
            "tokens_in": tokens.0, "tokens_out": tokens.1, "cost_micros": cost, "unpriced_tokens": unpriced
        })
    };
    let cost = 2 * (300 + 250);
    assert_eq!(
        shown["items"][0]["models"],
        json!([line("gemini-2.5-flash", (2_000, 200), cost, 0), line("llama3", (1_000, 100), 0, 1_100)])
    );
    assert_eq!(
        (&shown["limits"]["spent_today_micros"], &shown["limits"]["turns_this_month"]),
        (&json!(cost), &json!(0))
    );
}

#[actix_web::test]
async fn a_recorded_answer_of_an_installation_with_other_models_does_not_count() {
    let mut stores = None;
    let first = World::with(|_, ports| stores = Some(ports.stores.clone()));
    let business = first.business("Bristol", "+15551230000").await;
    example(&first, &business, json!({"kind": "must_mention", "text": "nine"})).await;
    let id = tried(&first, &business).await;
    first.model.then_says("At nine.");
    run(&first, &business, &id, "recorded").await.expect(200);
    for (number, models, asked) in [(7, "offline", 0), (8, "gemini gemini-2.5-pro, offline", 1)] {
        let world = World::with(|settings, ports| {
            ports.stores = stores.clone().unwrap();
            ports.ids = Arc::new(CountingIds::new(number));
            settings.models = models.into();
        });
        world.model.then_says("We open at nine.");
        run(&world, &business, &id, "recorded").await.expect(200);
        assert_eq!(world.model.requests().len(), asked, "{models}");
    }
}

/// Takes ten seconds for each answer, and none that comes too late.
struct Slow(Arc<ManualClock>);

#[async_trait]
impl LanguageModel for Slow {
    async fn reply(&self, request: &ModelRequest, _: &dyn Deltas) -> Result<ModelReply, ModelError> {
        let (long, left) = (TimeDelta::seconds(10), request.answer_by - self.0.now());
        self.0.advance(long.min(left));
        if left < long { Err(ModelError::TimedOut("it ended")) } else { Ok(ModelReply::of_text("At nine.")) }
    }
}

#[actix_web::test]
async fn a_run_ends_before_its_request_does_and_the_next_one_goes_on_from_there() {
    let clock = Arc::<ManualClock>::default();
    let world = World::with(|_, ports| {
        ports.model = Arc::new(Slow(clock.clone()));
        ports.clock = clock.clone();
    });
    let business = world.business("Bristol", "+15551230000").await;
    for _ in 0..3 {
        example(&world, &business, json!({"kind": "must_mention", "text": "nine"})).await;
    }
    let id = tried(&world, &business).await;
    let path = business.path(&format!("/prompts/{id}/runs"));
    let began = clock.now();
    let first = run(&world, &business, &id, "fresh").await.expect(200);
    assert!(clock.now() - began < TimeDelta::seconds(30));
    assert_eq!(first["items"].as_array().unwrap().len(), 2, "{first}");
    let body = json!({"mode": "fresh", "cursor": first["next_cursor"]});
    let rest = world.post(&path).key(&business.key).json(&body).send().await.expect(200);
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &Value::Null));
    let shown = business.items(&world, &path).await;
    assert!(shown.len() == 3 && shown.iter().all(|result| result["verdict"] == "green"), "{shown:?}");
    let made_up = json!({"mode": "fresh", "cursor": "made up"});
    let refused = world.post(&path).key(&business.key).json(&made_up).send().await;
    refused.expect_problem(400, "invalid_request");
}
