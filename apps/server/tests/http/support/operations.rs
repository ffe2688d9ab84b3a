//! The operations of the API, as its description has them, and what it takes to call each.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use server::http::openapi;
use uuid::Uuid;

use super::{Answer, Business, Call, World, text};

/// An operation of the document.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    description: Value,
}

impl Operation {
    pub(crate) fn id(&self) -> &str {
        self.description["operationId"].as_str().unwrap()
    }

    pub(crate) fn is_protected(&self) -> bool {
        let requirements = self.description["security"].as_array().unwrap();
        requirements.iter().any(|requirement| !requirement.as_object().unwrap().is_empty())
    }

    /// Returns what lets a caller in, any of the lists; what stands in one is presented together.
    pub(crate) fn schemes(&self) -> Vec<Vec<String>> {
        let requirements = self.description["security"].as_array().unwrap();
        requirements.iter().map(|one| one.as_object().unwrap().keys().cloned().collect()).collect()
    }

    /// Returns what the document says of it.
    pub(crate) fn description(&self) -> &Value {
        &self.description
    }

    pub(crate) fn is_webhook(&self) -> bool {
        self.path.starts_with("/webhooks/")
    }

    pub(crate) fn has_id(&self) -> bool {
        self.path.contains('{')
    }

    /// Returns the path with an id for each parameter.
    pub(crate) fn path_with(&self, ids: &BTreeMap<&str, String>) -> String {
        let mut path = self.path.clone();
        for (parameter, id) in ids {
            path = path.replace(&format!("{{{parameter}}}"), id);
        }
        assert!(!path.contains('{'), "{}: give an id for each parameter of {path} in this test", self.id());
        path
    }

    /// Calls it with a body that it accepts, which names these ids where it names any.
    pub(crate) async fn call(
        &self,
        world: &World,
        (path, ids): (&str, &BTreeMap<&str, String>),
        present: impl for<'world> FnOnce(Call<'world>) -> Call<'world>,
    ) -> Answer {
        let call = present(match self.method.as_str() {
            "get" => world.get(path),
            "post" => world.post(path),
            "put" => world.put(path),
            "patch" => world.patch(path),
            "delete" => world.delete(path),
            other => panic!("{other} is no method that this test knows"),
        });
        match self.description.get("requestBody") {
            Some(_) => call.json(&valid_body(self.id(), ids)).send().await,
            None => call.send().await,
        }
    }
}

/// Returns a body that an operation accepts, so that nothing but the id can be at fault.
pub(crate) fn valid_body(operation: &str, ids: &BTreeMap<&str, String>) -> Value {
    match operation {
        "create_tenant" | "create_api_key" | "create_owner_token" => json!({"name": "x"}),
        "create_widget_token" => json!({"name": "x", "allowed_origins": ["*"]}),
        "rotate_api_key" => json!({"overlap_seconds": 60}),
        "add_member" => {
            json!({"email": "new@example.com", "name": "New", "role": "viewer", "password": "a long password"})
        }
        "change_member" | "change_ai_profile" | "change_lead" => json!({"name": "Another"}),
        "set_member_password" => json!({"password": "another long password"}),
        "change_own_password" => {
            json!({"current_password": "wrong", "new_password": "another long password"})
        }
        "log_in" => json!({"email": "nobody@example.com", "password": "x"}),
        "refresh" => json!({"refresh_token": "cc_refresh_x"}),
        "sign_in_as_admin" => json!({"username": "admin", "password": "wrong"}),
        "set_feature_flag" => json!({"enabled": true}),
        "change_tenant" => json!({"plan": "growth"}),
        "set_limits" => json!({"turns_per_month": "unlimited", "model_budget_micros_per_day": null}),
        "add_provider_account" => json!({"provider": "twilio", "account_sid": "AC9", "auth_token": "t"}),
        "bind_channel" => json!({"channel": "sms", "provider": "twilio", "address": "+15559990000"}),
        "change_channel" => json!({"is_active": true}),
        "change_contact_consent" | "change_consent" => json!({"state": "opted_out"}),
        "answer_in_person" | "add_lead_note" | "test_prompt" => json!({"text": "hello"}),
        "create_lead" => json!({"email": format!("{}@example.com", Uuid::now_v7().simple())}),
        "set_lead_status" => json!({"status": "verified"}),
        "merge_leads" => json!({"lead_id": ids["other_lead_id"]}),
        "unmerge_leads" => json!({"lead_id": ids["merged_lead_id"]}),
        "draft_prompt" | "draft_base_prompt" => {
            json!({"channel": "sms", "sections": [{"key": "tone", "order": 1, "content": "Be kind."}]})
        }
        "change_prompt" | "change_base_prompt" => json!({"revision": 0, "note": "shorter"}),
        "run_prompt_examples" => json!({"mode": "recorded"}),
        "create_example" | "put_example" => example(),
        "create_example_from_conversation" => {
            let expected = json!([{"kind": "must_mention", "text": "x"}]);
            json!({"conversation_id": ids["conversation_id"], "name": "x", "expectations": expected})
        }
        "create_ai_profile" => ai_profile(),
        "chat" => json!({"session_id": "s", "text": "hi"}),
        "put_profile" | "compose_prompt" | "twilio_sms" | "twilio_status" | "twilio_probe" => json!({}),
        other => panic!("{other} has a body: give one that it accepts in this test"),
    }
}

/// Returns an example that holds nothing up.
fn example() -> Value {
    json!({
        "name": "Leak", "transcript": [{"author": "contact", "text": "My pipe leaks"}],
        "expectations": [{"kind": "must_mention", "text": "leaks"}], "weight": "informing"
    })
}

fn ai_profile() -> Value {
    json!({"name": "Brief", "role": "receptionist", "system_prompt": "Be brief."})
}

/// Returns every operation of the document.
pub(crate) fn operations() -> Vec<Operation> {
    let document = json!(openapi::document());
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, description) in item.as_object().unwrap() {
            let (method, path) = (method.clone(), path.clone());
            found.push(Operation { method, path, description: description.clone() });
        }
    }
    assert!(found.len() > 30, "the walk found {} operations", found.len());
    found
}

/// Returns the id of one of everything that a business has, by the parameter that names it.
pub(crate) async fn ids_of(world: &World, business: &Business) -> BTreeMap<&'static str, String> {
    let make = async |path: &str, body: Value| {
        text(&world.post(&business.path(path)).key(&business.key).json(&body).send().await.expect(201)["id"])
    };
    let first = async |path: &str| text(&business.items(world, path).await[0]["id"]);
    let account = json!({"provider": "twilio", "account_sid": format!("AC{}", Uuid::now_v7().simple()), "auth_token": "t"});
    let member = json!({
        "email": format!("{}@example.com", Uuid::now_v7().simple()), "name": "Target", "role": "viewer", "password": "a long password"
    });
    let [lead, other_lead, merged_lead] = three_leads(world, business).await;
    let member = world.post(&business.path("/members")).operator().json(&member).send().await.expect(201);
    BTreeMap::from([
        ("tenant_id", business.id.clone()),
        ("member_id", text(&member["id"])),
        ("flag", "enable_rag".to_owned()),
        ("key_id", make("/api-keys", json!({"name": "another"})).await),
        ("owner_token_id", make("/owner-tokens", json!({"name": "owner"})).await),
        ("token_id", make("/widget-tokens", json!({"name": "site", "allowed_origins": ["*"]})).await),
        ("account_id", make("/provider-accounts", account).await),
        ("channel_id", first(&business.path("/channels")).await),
        ("prompt_id", make("/prompts", valid_body("draft_prompt", &BTreeMap::new())).await),
        ("example_id", make("/examples", example()).await),
        ("profile_id", make("/ai-profiles", ai_profile()).await),
        ("contact_id", first("/api/v1/contacts").await),
        ("conversation_id", first("/api/v1/conversations").await),
        ("lead_id", lead),
        ("other_lead_id", other_lead),
        ("merged_lead_id", merged_lead),
        ("tag", "vip".to_owned()),
    ])
}

/// Makes three leads, of which the third is merged into the first.
async fn three_leads(world: &World, business: &Business) -> [String; 3] {
    let make = async || {
        let body = json!({"email": format!("{}@example.com", Uuid::now_v7().simple())});
        text(&world.post("/api/v1/leads").key(&business.key).json(&body).send().await.expect(201)["id"])
    };
    let [one, other, merged] = [make().await, make().await, make().await];
    let (path, body) = (format!("/api/v1/leads/{one}/merge"), json!({"lead_id": merged}));
    world.post(&path).key(&business.key).json(&body).send().await.expect(200);
    [one, other, merged]
}
