//! A conversation longer than what a model is shown is summed up, and the summary takes the place of what falls out.

use std::time::Duration;

use model_fakes::{FakeAnswer, FakeModelServer};
use serde_json::json;

use crate::rig::Rig;

const PHONE: &str = "+15555550180";

/// Writes more than a model is shown, the important first.
async fn write_much(rig: &Rig, first: &str) {
    rig.text(PHONE, first).await;
    for _ in 0..3 {
        rig.text(PHONE, &"so much to tell ".repeat(600)).await;
    }
    rig.wait_for(PHONE, 1).await;
}

async fn summary(rig: &Rig) -> String {
    for _ in 0..400 {
        if let Some(summary) = rig.conversations(PHONE).await[0]["summary"].as_str() {
            return summary.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing is summed up; log:\n{}", rig.server.log().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_falls_out_of_a_long_conversation_is_known_by_its_summary() {
    let model = FakeModelServer::start().await.unwrap();
    let base = model.gemini_base().to_string();
    let rig = Rig::start_with(move |spec| {
        spec.with("GEMINI_API_KEY", "key").with("GEMINI_API_BASE", &*base).with("DEBOUNCE_MS", "1000")
    });
    model.then(FakeAnswer::says("I see."));
    model.then(FakeAnswer::says(r#"{"summary": "Ann Baker wants a price for her boiler."}"#));
    write_much(&rig, "I am Ann Baker, what does a new boiler cost?").await;
    assert_eq!(summary(&rig).await, "Ann Baker wants a price for her boiler.");
    let asked = &model.requests()[1].body;
    assert_eq!(asked["generationConfig"]["responseMimeType"], "application/json");
    assert!(asked["contents"].to_string().contains("what does a new boiler cost?"));
    model.then(FakeAnswer::says("Soon."));
    rig.text(PHONE, "When do I hear of it?").await;
    rig.wait_for(PHONE, 2).await;
    let next = &model.requests()[2].body;
    assert!(next["contents"].to_string().contains("Ann Baker wants a price"), "{next}");
    assert!(!next["contents"].to_string().contains("what does a new boiler cost?"), "it fell out");
    assert!(!next["systemInstruction"].to_string().contains("Ann Baker wants a price"));
    let tenant = rig.demo["tenant_id"].as_str().unwrap();
    let usage = rig.get(&format!("/api/v1/tenants/{tenant}/usage")).await;
    // What the fake counts of an answer, three times: two turns and a summary.
    assert_eq!(
        (&usage["totals"]["tokens_in"], &usage["totals"]["turns"]),
        (&json!(36), &json!(2)),
        "{usage}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_in_the_box_sums_up_what_it_understands_and_still_knows_it() {
    let rig = Rig::start_with(|spec| spec.with("DEBOUNCE_MS", "1000"));
    write_much(&rig, "My name is Ann. My sink is leaking.").await;
    let kept = summary(&rig).await;
    assert!(kept.contains("My name is Ann.") && kept.contains("sink is leaking"), "{kept}");
    assert_eq!(rig.conversations(PHONE).await[0]["contact"]["name"], json!("Ann"));
}
