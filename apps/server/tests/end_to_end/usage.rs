//! Budgets and limits of a running server: what they keep from whom, and what they never keep from anybody.

use std::time::Duration;

use harness::ServerSpec;
use model_fakes::{FakeAnswer, FakeModelServer};
use serde_json::{Value, json};

use crate::{databases, rig::Rig};

const PHONE: &str = "+15555550199";

/// Starts a server whose model is the fake Gemini.
fn on_gemini(model: &FakeModelServer) -> Rig {
    let base = model.gemini_base().to_string();
    Rig::start_with(move |spec: ServerSpec| {
        spec.with("GEMINI_API_KEY", "key").with("GEMINI_API_BASE", &*base)
    })
}

fn path(rig: &Rig, rest: &str) -> String {
    format!("/api/v1/tenants/{}{rest}", rig.demo["tenant_id"].as_str().unwrap())
}

async fn set_limits(rig: &Rig, turns: Value, budget: Value) {
    let body = json!({"turns_per_month": turns, "model_budget_micros_per_day": budget});
    let request = rig.http.put(rig.url(&path(rig, "/limits"))).header("X-Admin-API-Key", &rig.admin_key);
    let answer = request.json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn once_the_budget_is_used_up_the_model_in_the_box_writes_and_the_log_says_so() {
    let model = FakeModelServer::start().await.unwrap();
    model.then(FakeAnswer::Says(vec!["Yes, we fix boilers.".into()]));
    let rig = on_gemini(&model);
    // What twelve tokens that are read and seven that are written cost.
    set_limits(&rig, Value::Null, json!(22)).await;
    assert_eq!(rig.ask(PHONE, "Do you fix boilers?").await, "Yes, we fix boilers.");
    let usage = rig.get(&path(&rig, "/usage")).await;
    assert_eq!(usage["totals"]["cost_micros"], 22, "{usage}");
    let line = &usage["items"][0]["models"][0];
    assert!(line["model"].as_str().unwrap().starts_with("gemini-2.5-flash"), "{line}");
    let reply = rig.ask(PHONE, "What are your hours on Saturday?").await;
    assert!(reply.contains("9 am"), "the one in the box answers, not {reply}");
    assert_eq!(model.requests().len(), 1);
    let limits = rig.get(&path(&rig, "/limits")).await;
    assert_eq!((&limits["spent_today_micros"], &limits["turns_this_month"]), (&json!(22), &json!(2)));
    // On Postgres another process may have taken the turn.
    if !databases::on_postgres() {
        let log = rig.server.log().unwrap();
        assert_eq!(log.matches("the day's budget for models is used up").count(), 1, "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn past_the_grace_only_people_and_notices_still_reach_the_phone() {
    let model = FakeModelServer::start().await.unwrap();
    let rig = on_gemini(&model);
    set_limits(&rig, json!(0), Value::Null).await;
    rig.text(PHONE, "Do you fix boilers?").await;
    rig.settle().await;
    assert!(rig.brought_to(PHONE).await.is_empty() && model.requests().is_empty());
    let id = rig.conversations(PHONE).await[0]["id"].as_str().unwrap().to_owned();
    let refused = rig.get(&format!("/api/v1/conversations/{id}/refused-sends")).await;
    assert_eq!(refused["items"][0]["reason"], "plan_limit", "{refused}");
    let (status, written) =
        rig.post(&format!("/api/v1/conversations/{id}/messages"), &json!({"text": "We do. Joe"})).await;
    assert_eq!(status, 201, "{written}");
    assert_eq!(rig.wait_for(PHONE, 1).await, ["We do. Joe"]);
    // In words that the carrier does not answer itself.
    let notice = rig.ask(PHONE, "please stop texting me").await;
    assert!(notice.contains("opted out"), "{notice}");
    let usage = rig.get(&path(&rig, "/usage")).await;
    assert_eq!((&usage["totals"]["messages_out"], &usage["limits"]["state"]), (&json!(2), &json!("over")));
}

#[test]
fn prices_that_cannot_be_read_keep_the_server_from_starting_and_the_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let prices = folder.path().join("prices.json");
    let spec = ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder.path());
    let spec = spec.with("MODEL_PRICES", prices.display().to_string());
    let said = |spec: &ServerSpec| {
        let output = spec.run_to_end(Duration::from_secs(20)).unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let missing = said(&spec);
    assert!(missing.contains("MODEL_PRICES names") && missing.contains("prices.json"), "{missing}");
    std::fs::write(&prices, "{\n  \"llama3\": {\"input_micros_per_million\": -1}\n}").unwrap();
    let wrong = said(&spec);
    assert!(wrong.contains("`llama3`") && wrong.contains("line 2"), "{wrong}");
}
