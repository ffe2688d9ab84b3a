//! Who changed what, readable by the API.

use serde_json::{Value, json};

use crate::support::{World, ids_of, operations, text};

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
        "change_member" | "set_member_password" => "member.changed",
        "set_feature_flag" => "feature_flag.switched_on",
        "change_contact_consent" | "change_consent" => "consent.changed",
        "answer_in_person" => "conversation.answered",
        "close_conversation" => "conversation.closed",
        other => panic!("{other} changes something: say in this test what it records"),
    }
}

#[actix_web::test]
async fn every_change_leaves_a_line() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    // What is no tenant's, or has a test of its own: signing in and out, chat, webhooks; and what changes nothing here
    // because it stands so already.
    let others = [
        "log_in",
        "refresh",
        "log_out",
        "change_own_password",
        "sign_in_as_admin",
        "sign_out_as_admin",
        "chat",
        "open_chat_session",
        "create_tenant",
        "reopen_conversation",
        "pause_conversation",
        "resume_conversation",
    ];
    let mut asked = operations();
    asked.sort_by_key(|operation| operation.id() == "close_conversation");
    for operation in asked {
        let id = operation.id();
        if operation.method == "get" || operation.is_webhook() || others.contains(&id) {
            continue;
        }
        let ids = ids_of(&world, &business).await;
        world.pass(1);
        let path = match id {
            "change_consent" => {
                format!("{}?address={}", operation.path, business.customer.replace('+', "%2B"))
            }
            _ => operation.path_with(&ids),
        };
        let answer =
            operation.call(&world, &path, |call| call.operator().header("X-Tenant-Id", &business.id)).await;
        assert!(answer.status < 300, "{id}: {}", answer.text());
        let newest = lines(&world, &business.path("/audit-log?limit=1"), &business.key).await.remove(0);
        assert_eq!(newest["action"], recorded(id), "{id}");
        assert_eq!(newest["actor"], "operator:key", "{id}");
        assert_eq!(
            text(&newest["at"]),
            world.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            "{id}"
        );
    }
}
