//! Who changed what, readable by the API.

use serde_json::{Value, json};

use crate::support::{Business, MEMBER_PASSWORD, World, ids_of, operations, text};

async fn lines(world: &World, path: &str, key: &str) -> Vec<Value> {
    world.get(path).key(key).send().await.expect(200)["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn the_log_says_who_did_what_to_which() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "owner").await;
    let bearer = format!("Bearer {}", world.sign_in("owner@example.com").await);
    let conversation = business.conversation_id(&world).await;
    let act = async |path: &str, body: Value| {
        let call = world.post(path).header("Authorization", &bearer);
        call.json(&body).send().await
    };
    let path = format!("/api/v1/conversations/{conversation}");
    assert_eq!(act(&format!("{path}/messages"), json!({"text": "I am on my way"})).await.status, 201);
    for change in ["resume", "pause", "close", "reopen"] {
        assert_eq!(act(&format!("{path}/{change}"), json!({})).await.status, 200, "{change}");
        world.pass(1);
    }
    let me = world.get("/api/v1/auth/me").header("Authorization", &bearer).send().await.expect(200);
    let actor = format!("member:{}", text(&me["member"]["id"]));
    let query = format!("/audit-log?resource_id={conversation}");
    let shown = lines(&world, &business.path(&query), &business.key).await;
    let actions: Vec<_> = shown.iter().rev().map(|line| text(&line["action"])).collect();
    let expected = ["answered", "resumed", "paused", "closed", "reopened"];
    assert_eq!(actions, expected.map(|done| format!("conversation.{done}")));
    assert!(shown.iter().all(|line| line["actor"] == actor && line["resource"] == "conversation"));
    let made = lines(&world, &business.path("/audit-log?action=tenant.created"), &business.key).await;
    assert_eq!((&made[0]["actor"], &made[0]["resource_id"]), (&json!("operator:key"), &json!(business.id)));
    let refused = world.get(&business.path("/audit-log?action=tenant.eaten")).key(&business.key).send().await;
    refused.expect_problem(400, "invalid_request");
}

/// Operations that change what is a tenant's, and what each records. One that is missing fails.
fn recorded(operation: &str) -> &'static str {
    match operation {
        "change_tenant" => "tenant.changed",
        "set_limits" => "limits.set",
        "put_profile" => "profile.replaced",
        "create_api_key" | "create_owner_token" => "api_key.created",
        "rotate_api_key" => "api_key.rotated",
        "revoke_api_key" | "revoke_owner_token" => "api_key.revoked",
        "create_widget_token" => "widget_token.created",
        "revoke_widget_token" => "widget_token.revoked",
        "add_provider_account" => "provider_account.added",
        "remove_provider_account" => "provider_account.removed",
        "bind_channel" => "channel.bound",
        "change_channel" => "channel.switched_on",
        "add_member" => "member.added",
        "change_member" | "set_member_password" | "change_own_password" => "member.changed",
        "log_in" => "session.opened",
        "log_out" => "session.ended",
        "set_feature_flag" => "feature_flag.switched_on",
        "change_contact_consent" | "change_consent" => "consent.changed",
        "answer_in_person" => "conversation.answered",
        "draft_prompt" => "prompt.drafted",
        "change_prompt" => "prompt.edited",
        "submit_prompt" => "prompt.submitted",
        "publish_prompt" => "prompt.published",
        "roll_back_prompt" => "prompt.rolled_back",
        "run_prompt_examples" => "example.ran",
        "create_example" | "create_example_from_conversation" => "example.created",
        "put_example" => "example.changed",
        "remove_example" => "example.removed",
        "create_ai_profile" => "ai_profile.created",
        "change_ai_profile" => "ai_profile.changed",
        "close_conversation" => "conversation.closed",
        "create_lead" => "lead.created",
        "change_lead" | "tag_lead" => "lead.changed",
        "set_lead_status" => "lead.status_changed",
        "add_lead_note" => "lead.noted",
        "merge_leads" => "lead.merged",
        "unmerge_leads" => "lead.unmerged",
        "delete_lead" => "lead.deleted",
        other => panic!("{other} changes something: say in this test what it records"),
    }
}

/// Lets a member who is new do what only members do, and returns how the log names the member.
async fn done_by_a_member(world: &World, business: &Business, operation: &str) -> String {
    let role = match operation {
        "log_in" => "viewer",
        "log_out" => "staff",
        "change_own_password" => "admin",
        other => panic!("{other} is for members: say in this test how they call it"),
    };
    let member = world.add_member(business, role).await;
    let bearer = format!("Bearer {}", world.sign_in(&format!("{role}@example.com")).await);
    let path = match operation {
        "log_out" => world.post("/api/v1/auth/logout"),
        "change_own_password" => world.put("/api/v1/auth/password").json(&json!({
            "current_password": MEMBER_PASSWORD, "new_password": "four other words of no sentence"
        })),
        _ => return format!("member:{member}"),
    };
    assert_eq!(path.header("Authorization", &bearer).send().await.status, 204, "{operation}");
    format!("member:{member}")
}

#[actix_web::test]
async fn the_log_says_who_made_somebody_owner_and_when_sessions_were_ended() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let member = world.add_member(&business, "staff").await;
    world.sign_in("staff@example.com").await;
    world.pass(1);
    let path = business.path(&format!("/members/{member}"));
    for change in [json!({"role": "owner"}), json!({"name": "Ann Somebody"})] {
        world.patch(&path).operator().json(&change).send().await.expect(200);
        world.pass(1);
    }
    let password = json!({"password": "four other words of no sentence"});
    let set = world.put(&format!("{path}/password")).operator().json(&password).send().await;
    assert_eq!(set.status, 204);
    let changed = lines(&world, &business.path("/audit-log?action=member.changed"), &business.key).await;
    let shown: Vec<_> =
        changed.iter().rev().map(|line| (text(&line["actor"]), text(&line["detail"]))).collect();
    let expected = ["role: staff -> owner", "name", "password"];
    assert_eq!(shown, expected.map(|detail| ("operator:key".to_owned(), detail.to_owned())));
    let ended = lines(&world, &business.path("/audit-log?action=session.ended"), &business.key).await;
    assert_eq!((ended.len(), &ended[0]["detail"]), (1, &Value::Null));
}

#[actix_web::test]
async fn the_operator_reads_what_became_of_a_deleted_tenant() {
    let world = World::new();
    let (gone, other) =
        (world.business("Bristol", "+15551230000").await, world.business("Exeter", "+15551230001").await);
    let deleted = json!({"status": "deleted"});
    world.patch(&gone.path("")).operator().json(&deleted).send().await.expect(200);
    let log = world.get(&gone.path("/audit-log")).operator().send().await.expect(200);
    let newest = &log["items"][0];
    assert_eq!(
        (&newest["action"], &newest["detail"]),
        (&json!("tenant.changed"), &json!("status: active -> deleted"))
    );
    let nobody = format!("/api/v1/tenants/{}/audit-log", uuid::Uuid::now_v7());
    world.get(&nobody).operator().send().await.expect_problem(404, "not_found");
    let foreign = world.get(&gone.path("/audit-log")).key(&other.key).send().await;
    foreign.expect_problem(404, "not_found");
    let own = world.get(&gone.path("/audit-log")).key(&gone.key).send().await;
    own.expect_problem(401, "unauthorized");
}

/// Brings a draft to where an operation can be called on it.
async fn prepare(world: &World, business: &Business, operation: &str, draft: &str) {
    let step = async |id: &str, step: &str| {
        let path = business.path(&format!("/prompts/{id}/{step}"));
        world.post(&path).operator().send().await.expect(200);
    };
    match operation {
        "publish_prompt" => step(draft, "submit").await,
        "roll_back_prompt" => {
            let next = json!({"from": draft});
            let next = world.post(&business.path("/prompts")).operator().json(&next).send().await.expect(201);
            for id in [draft, &text(&next["id"])] {
                step(id, "submit").await;
                step(id, "publish").await;
            }
        }
        _ => {}
    }
}

#[actix_web::test]
async fn every_change_leaves_a_line() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    // What is no tenant's, which platform_audit.rs walks; what customers do; what changes nothing that lasts; and what
    // changes nothing here because it stands so already.
    let others = [
        "refresh",
        "sign_in_as_admin",
        "sign_out_as_admin",
        "chat",
        "open_chat_session",
        "create_tenant",
        "reopen_conversation",
        "pause_conversation",
        "resume_conversation",
        "untag_lead",
        "draft_base_prompt",
        "change_base_prompt",
        "submit_base_prompt",
        "publish_base_prompt",
        "roll_back_base_prompt",
        // What only looks is in no log.
        "compose_prompt",
        "test_prompt",
        // Its body names a conversation; api/examples.rs has its line.
        "create_example_from_conversation",
    ];
    let mut asked = operations();
    asked.sort_by_key(|operation| operation.id() == "close_conversation");
    for operation in asked {
        let id = operation.id();
        if operation.method == "get" || operation.is_webhook() || others.contains(&id) {
            continue;
        }
        let ids = ids_of(&world, &business).await;
        prepare(&world, &business, id, &ids["prompt_id"]).await;
        world.pass(1);
        let path = match id {
            "change_consent" => {
                format!("{}?address={}", operation.path, business.customer.replace('+', "%2B"))
            }
            _ => operation.path_with(&ids),
        };
        let actor = if operation.schemes().concat().contains(&"admin_key".to_owned()) {
            let answer = operation
                .call(&world, (&path, &ids), |call| call.operator().header("X-Tenant-Id", &business.id))
                .await;
            assert!(answer.status < 300, "{id}: {}", answer.text());
            "operator:key".to_owned()
        } else {
            done_by_a_member(&world, &business, id).await
        };
        let newest = lines(&world, &business.path("/audit-log?limit=1"), &business.key).await.remove(0);
        assert_eq!(newest["action"], recorded(id), "{id}");
        assert_eq!(newest["actor"], actor, "{id}");
        assert_eq!(
            text(&newest["at"]),
            world.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            "{id}"
        );
    }
}

#[actix_web::test]
async fn an_empty_condition_is_as_good_as_none() {
    let world = World::new();
    let business = world.business("Ann's", "+15550001001").await;
    for (path, key) in [(business.path("/audit-log"), true), ("/api/v1/admin/audit-log".to_owned(), false)] {
        let ask = async |query: &str| {
            let call = world.get(&format!("{path}{query}"));
            let call = if key { call.key(&business.key) } else { call.operator() };
            call.send().await.expect(200)["items"].clone()
        };
        assert_eq!(ask("?action=&resource_id=&limit=&cursor=").await, ask("").await, "{path}");
    }
    let all = lines(&world, &business.path("/audit-log?action=&resource_id="), &business.key).await;
    assert!(all.len() > 1, "{all:?}");
}
