//! `/api/v1/tenants/{tenant_id}/ai-profiles`

use conversation::ModelSettings;
use kernel::ModelProvider;
use serde_json::{Value, json};

use super::chat::{say, widget_token};
use crate::support::{Business, World, faulty_fields, text};

fn profile(name: &str, is_default: bool) -> Value {
    json!({
        "name": name, "role": "sales", "system_prompt": "Sell for {{ business.name }}.", "is_default": is_default,
        "settings": {"providers": ["offline"], "temperature": 0.7, "max_tokens": 500}
    })
}

#[actix_web::test]
async fn one_profile_is_the_default_and_a_new_one_takes_its_place() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let path = business.path("/ai-profiles");
    let make = async |body: Value| world.post(&path).key(&business.key).json(&body).send().await.expect(201);
    let first = make(profile("First", true)).await;
    assert_eq!(
        first["settings"],
        json!({"providers": ["offline"], "model": null, "temperature": 0.7, "max_tokens": 500})
    );
    let second = make(profile("Second", false)).await;
    world.pass(1);
    let defaults = async || {
        let all = business.items(&world, &path).await;
        let names = all.iter().filter(|one| one["is_default"] == true).map(|one| text(&one["name"]));
        names.collect::<Vec<_>>()
    };
    assert_eq!(defaults().await, ["First"]);
    let one = format!("{path}/{}", text(&second["id"]));
    let chosen = json!({"is_default": true});
    let chosen = world.patch(&one).key(&business.key).json(&chosen).send().await.expect(200);
    assert_eq!((&chosen["name"], &chosen["is_default"]), (&json!("Second"), &json!(true)));
    assert_eq!(defaults().await, ["Second"]);
    make(profile("Third", true)).await;
    assert_eq!(defaults().await, ["Third"]);
}

#[actix_web::test]
async fn the_default_profile_says_which_model_answers_its_own_tenant_and_how() {
    let world = World::new();
    let bristol = world.business("Bristol", "+15551230000").await;
    let exeter = world.business("Exeter", "+15551230001").await;
    let mut body = profile("Front", true);
    body["settings"] = json!({
        "providers": ["openai", "offline"], "model": "gpt-4.1", "temperature": 0.35, "max_tokens": 321
    });
    world.post(&bristol.path("/ai-profiles")).key(&bristol.key).json(&body).send().await.expect(201);
    let mut beside = profile("Beside", false);
    beside["settings"] = json!({"providers": ["gemini"], "model": "gemini-2.5-pro", "temperature": 1.0});
    for business in [&bristol, &exeter] {
        world.post(&business.path("/ai-profiles")).key(&business.key).json(&beside).send().await.expect(201);
    }
    let asked = async |business: &Business| {
        let before = world.model.requests().len();
        let token = widget_token(&world, business, &["*"]).await;
        say(&world, &token, "visitor-1", "Do you fix sinks?").await;
        let mut requests = world.model.requests().split_off(before);
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    };
    let own = asked(&bristol).await;
    let settings = ModelSettings {
        providers: vec![ModelProvider::OpenAi, ModelProvider::Offline],
        model: Some("gpt-4.1".to_owned()),
        temperature: Some(35),
        max_tokens: Some(321),
    };
    assert_eq!(own.settings, settings);
    assert!(own.instructions.contains("Sell for Bristol."), "{}", own.instructions);
    let others = asked(&exeter).await;
    assert_eq!(others.settings, ModelSettings::default());
    assert!(!others.instructions.contains("Sell for"), "{}", others.instructions);
}

#[actix_web::test]
async fn a_field_that_is_not_usable_is_named() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for (field, value) in [
        ("role", json!({"role": "king"})),
        ("temperature", json!({"settings": {"temperature": 2.1}})),
        ("providers", json!({"settings": {"providers": ["abacus"]}})),
        ("system_prompt", json!({"system_prompt": "{{ owner.phone }}"})),
        ("name", json!({"name": " "})),
    ] {
        let mut body = profile("Brief", false);
        for (key, value) in value.as_object().unwrap() {
            body[key] = value.clone();
        }
        let refused = world.post(&business.path("/ai-profiles")).key(&business.key).json(&body).send().await;
        assert_eq!(faulty_fields(&refused.expect_problem(400, "invalid_request")), [field]);
    }
}
