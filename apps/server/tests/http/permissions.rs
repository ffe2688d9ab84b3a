//! Who may call which operation: every operation of the description, by every kind of caller. An operation that is not in
//! this table fails, and so does one that is in no row of the server's own.

mod scopes;
mod tables;

use std::collections::BTreeMap;

use limits::Quota;
use serde_json::json;

use crate::support::{
    ADMIN_PRIVATE_KEY, Business, OPERATOR_KEY, OPERATOR_PASSWORD, Operation, World, ids_of, operations, text,
};

/// Whom an operation is for.
#[derive(Clone, Copy, PartialEq)]
enum For {
    /// Everybody, or whoever is about to sign in.
    Everybody,
    /// Carriers.
    Carriers,
    /// The operator.
    Operator,
    /// Members who have signed in.
    Members,
    /// Visitors of web pages.
    Visitors,
    /// Members from this role on, programs, and the operator; owner tokens where the operation changes nothing.
    Role(&'static str),
    /// The same, without programs.
    People(&'static str),
}

use For::{Carriers, Everybody, Members, Operator, People, Role, Visitors};

/// Operations by whom they are for.
const TABLE: &[(For, &[&str])] = &[
    (Everybody, &["healthz", "readyz", "health", "log_in", "refresh", "sign_in_as_admin"]),
    (Carriers, &["twilio_sms", "twilio_status", "twilio_probe"]),
    (
        Operator,
        &[
            "metrics",
            "create_tenant",
            "list_tenants",
            "change_tenant",
            "set_limits",
            "show_admin",
            "list_platform_audit_log",
            "sign_out_as_admin",
            "draft_base_prompt",
            "list_base_prompts",
            "get_base_prompt",
            "change_base_prompt",
            "submit_base_prompt",
            "publish_base_prompt",
            "roll_back_base_prompt",
            "diff_base_prompt",
        ],
    ),
    (Members, &["log_out", "show_me", "change_own_password"]),
    (Visitors, &["chat", "open_chat_session", "list_chat_messages"]),
    (
        Role("viewer"),
        &[
            "get_tenant",
            "get_profile",
            "list_channels",
            "list_feature_flags",
            "list_contacts",
            "get_contact",
            "show_contact_consent",
            "show_consent",
            "list_consent_ledger",
            "list_conversations",
            "get_conversation",
            "list_messages",
            "list_refused_sends",
            "list_leads",
            "export_leads",
            "get_lead",
            "stream_events",
            "list_prompts",
            "get_prompt",
            "diff_prompt",
            "compose_prompt",
            "list_prompt_runs",
            "list_examples",
            "get_example",
            "list_ai_profiles",
            "get_ai_profile",
        ],
    ),
    (
        Role("staff"),
        &[
            "change_contact_consent",
            "change_consent",
            "answer_in_person",
            "close_conversation",
            "reopen_conversation",
            "pause_conversation",
            "resume_conversation",
            "create_lead",
            "change_lead",
            "delete_lead",
            "set_lead_status",
            "add_lead_note",
            "tag_lead",
            "untag_lead",
            "merge_leads",
            "unmerge_leads",
        ],
    ),
    (
        Role("admin"),
        &[
            "put_profile",
            "bind_channel",
            "change_channel",
            "set_feature_flag",
            "list_audit_log",
            "show_usage",
            "export_usage",
            "show_limits",
            "create_api_key",
            "list_api_keys",
            "revoke_api_key",
            "rotate_api_key",
            "create_owner_token",
            "list_owner_tokens",
            "revoke_owner_token",
            "create_widget_token",
            "list_widget_tokens",
            "revoke_widget_token",
            "add_provider_account",
            "list_provider_accounts",
            "remove_provider_account",
            "draft_prompt",
            "change_prompt",
            "submit_prompt",
            "publish_prompt",
            "roll_back_prompt",
            "test_prompt",
            "run_prompt_examples",
            "create_example",
            "create_example_from_conversation",
            "put_example",
            "remove_example",
            "create_ai_profile",
            "change_ai_profile",
        ],
    ),
    (People("admin"), &["add_member", "list_members", "get_member", "change_member", "set_member_password"]),
];

fn whom(operation: &str) -> For {
    let row = TABLE.iter().find(|(_, operations)| operations.contains(&operation));
    row.unwrap_or_else(|| panic!("{operation} is in no row: say in this test whom it is for")).0
}

const ROLES: [&str; 4] = ["viewer", "staff", "admin", "owner"];
const OTHERS: [&str; 8] = [
    "key",
    "trusted caller",
    "owner token",
    "page",
    "visitor",
    "operator's key",
    "operator's session",
    "operator's token",
];

fn is_for(operation: &Operation, caller: &str) -> bool {
    let rank = |role: &str| ROLES.iter().position(|one| *one == role);
    let is_operator = caller.starts_with("operator's");
    let from = |least: &str| rank(caller).is_some_and(|own| Some(own) >= rank(least)) || is_operator;
    match whom(operation.id()) {
        Everybody | Carriers => panic!("nobody is asked who they are"),
        Operator => is_operator,
        Members => rank(caller).is_some(),
        Visitors if operation.id() == "list_chat_messages" => caller == "visitor",
        Visitors => ["page", "visitor"].contains(&caller),
        // The owner looks at the audit log, too.
        Role(least) if caller == "owner token" => least == "viewer" || operation.id() == "list_audit_log",
        Role(least) => from(least) || ["key", "trusted caller"].contains(&caller),
        People(least) => from(least),
    }
}

/// The headers with which a caller of a kind is let in, made anew for each call: some operations end them.
async fn credential(world: &World, business: &Business, caller: &str) -> (&'static str, String) {
    let make = async |path: &str, field: &str| {
        let body = match path {
            "/widget-tokens" => json!({"name": "x", "allowed_origins": ["*"]}),
            _ => json!({"name": "x"}),
        };
        text(&world.post(&business.path(path)).operator().json(&body).send().await.expect(201)[field])
    };
    match caller {
        "key" => ("X-API-Key", business.key.clone()),
        "trusted caller" => ("X-Business-ID", business.id.clone()),
        "owner token" => ("X-Owner-Token", make("/owner-tokens", "token").await),
        "page" => ("X-Widget-Token", make("/widget-tokens", "token").await),
        "visitor" => {
            let page = make("/widget-tokens", "token").await;
            let opened = world.post("/api/v1/chat/sessions").header("X-Widget-Token", &page).send().await;
            ("X-Visitor-Token", text(&opened.expect(201)["visitor_token"]))
        }
        "operator's key" => ("X-Admin-API-Key", OPERATOR_KEY.to_owned()),
        "operator's session" => {
            let login = json!({"password": OPERATOR_PASSWORD});
            let answer = world.post("/api/v1/admin/auth").json(&login).send().await;
            answer.expect(200);
            ("Cookie", answer.header("set-cookie").split(';').next().unwrap().to_owned())
        }
        "operator's token" => {
            let key = cheetah_jwt::AdminTokens::new(&tenancy::SecretText::new(ADMIN_PRIVATE_KEY));
            let token = key.sign("ann", world.now(), chrono::TimeDelta::minutes(5)).unwrap();
            ("Authorization", format!("Bearer {}", token.expose()))
        }
        role => ("Authorization", format!("Bearer {}", world.sign_in(&format!("{role}@example.com")).await)),
    }
}

#[actix_web::test]
async fn every_operation_answers_those_it_is_for_and_nobody_else() {
    let world = World::with(|settings, _| {
        settings.trust_business_id = true;
        // The walk makes something of everything for each operation, by one key, and everybody signs in for each.
        settings.limits.quotas.api.credential = Quota::per_minute(100_000);
        settings.limits.quotas.api.tenant = Quota::per_minute(100_000);
        settings.limits.quotas.sign_ins = Quota::per_hour(100_000);
    });
    let business = world.business("Bristol", "+15551230000").await;
    for role in ROLES {
        world.add_member(&business, role).await;
    }
    let mut asked = operations();
    asked.retain(|operation| ![Everybody, Carriers].contains(&whom(operation.id())));
    assert!(asked.len() > 50, "the walk found {} operations", asked.len());
    // First all who are refused, so that what is removed is there as long as somebody must not reach it.
    for is_allowed in [false, true] {
        for operation in &asked {
            let ids = ids_for(&world, &business, operation).await;
            for caller in ROLES.into_iter().chain(OTHERS) {
                if is_for(operation, caller) == is_allowed {
                    call(&world, &business, (operation, &ids), caller, is_allowed).await;
                }
            }
        }
    }
}

/// Ids of things that are there; made anew only where the path names any.
async fn ids_for(
    world: &World,
    business: &Business,
    operation: &Operation,
) -> BTreeMap<&'static str, String> {
    if !operation.has_id() {
        return BTreeMap::new();
    }
    ids_of(world, business).await
}

async fn call(
    world: &World,
    business: &Business,
    (operation, ids): (&Operation, &BTreeMap<&'static str, String>),
    caller: &str,
    is_allowed: bool,
) {
    let (header, value) = credential(world, business, caller).await;
    let answer = operation
        .call(world, (&operation.path_with(ids), ids), |call| {
            call.header(header, &value).header("X-Tenant-Id", &business.id)
        })
        .await;
    let what = format!("{caller} calls {}: {}", operation.id(), answer.text());
    if is_allowed {
        assert!(![401, 403].contains(&answer.status) && answer.status < 500, "{what}");
    } else {
        assert_eq!(answer.status, 403, "{what}");
        assert_eq!(answer.json()["code"], "forbidden", "{what}");
    }
}

/// How the description calls what a caller presents.
fn scheme(caller: &str) -> &'static str {
    match caller {
        "key" => "api_key",
        "trusted caller" => "business_id",
        "owner token" => "owner_token",
        "page" => "widget_token",
        "visitor" => "visitor_token",
        "operator's key" => "admin_key",
        "operator's session" => "admin_session",
        "operator's token" => "admin_token",
        _ => "member",
    }
}

#[test]
fn the_description_says_who_may_call() {
    for operation in operations() {
        let id = operation.id();
        let described = operation.schemes();
        let is_operators = |schemes: &Vec<String>| schemes.iter().any(|name| name.starts_with("admin_"));
        let takes_header = |schemes: &&Vec<String>| schemes.contains(&"tenant_id".to_owned());
        let names_tenant = !operation.path.contains("{tenant_id}") && whom(id) != Operator;
        for schemes in &described {
            let expected = is_operators(schemes) && names_tenant;
            assert_eq!(takes_header(&schemes), expected, "{id}: {schemes:?}");
        }
        let mut named: Vec<_> = described.concat().into_iter().filter(|name| name != "tenant_id").collect();
        named.sort();
        let expected = match whom(id) {
            Everybody => Vec::new(),
            Carriers => vec!["twilio_signature"],
            _ => {
                let callers = ROLES.into_iter().chain(OTHERS);
                let mut expected: Vec<_> =
                    callers.filter(|caller| is_for(&operation, caller)).map(scheme).collect();
                expected.sort_unstable();
                expected.dedup();
                expected
            }
        };
        assert_eq!(named, expected, "{id}");
    }
}
