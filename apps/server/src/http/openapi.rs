//! The OpenAPI description of the HTTP interface; docs/openapi.json keeps it.

mod credentials;
mod words;

use actix_web::http::Method;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        ObjectBuilder, OpenApi as Document, Required, Type,
        path::{ParameterBuilder, ParameterIn},
    },
};

use self::{
    credentials::{Schemes, TakenByOperations},
    words::{NeverNull, OfTexts},
};
use super::{
    access::{Needs, OPERATIONS, Operation},
    api::{
        admin, ai_profiles, api_keys, audit, auth, base_prompts, channels, chat, consent, contacts,
        conversations, events, examples, feature_flags, leads, members, owner_tokens, profile, prompts,
        provider_accounts, tenant_limits, tenants, usage, widget_tokens,
    },
    health,
    idempotency::IDEMPOTENCY_KEY,
    metrics,
    problem::ProblemBody,
    readiness, webhooks,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Chatter Cheetah",
        description = "A self-hosted server that answers small businesses' customers by text message and web chat.",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(
        health::healthz,
        readiness::readyz,
        readiness::health,
        metrics::metrics,
        auth::login::log_in,
        auth::refresh::refresh,
        auth::logout::log_out,
        auth::me::show_me,
        auth::password::change_own_password,
        admin::sign_in::sign_in_as_admin,
        admin::show::show_admin,
        admin::sign_out::sign_out_as_admin,
        tenants::create::create_tenant,
        tenants::list::list_tenants,
        tenants::get::get_tenant,
        tenants::change::change_tenant,
        profile::get::get_profile,
        profile::put::put_profile,
        members::add::add_member,
        members::list::list_members,
        members::get::get_member,
        members::change::change_member,
        members::set_password::set_member_password,
        feature_flags::list::list_feature_flags,
        feature_flags::set::set_feature_flag,
        audit::list::list_audit_log,
        audit::list_platform::list_platform_audit_log,
        events::stream::stream_events,
        usage::show::show_usage,
        usage::export::export_usage,
        tenant_limits::show::show_limits,
        tenant_limits::set::set_limits,
        api_keys::create::create_api_key,
        api_keys::list::list_api_keys,
        api_keys::revoke::revoke_api_key,
        api_keys::rotate::rotate_api_key,
        owner_tokens::create::create_owner_token,
        owner_tokens::list::list_owner_tokens,
        owner_tokens::revoke::revoke_owner_token,
        widget_tokens::create::create_widget_token,
        widget_tokens::list::list_widget_tokens,
        widget_tokens::revoke::revoke_widget_token,
        provider_accounts::add::add_provider_account,
        provider_accounts::list::list_provider_accounts,
        provider_accounts::remove::remove_provider_account,
        channels::bind::bind_channel,
        channels::list::list_channels,
        channels::change::change_channel,
        prompts::draft::draft_prompt,
        prompts::list::list_prompts,
        prompts::get::get_prompt,
        prompts::change::change_prompt,
        prompts::submit::submit_prompt,
        prompts::publish::publish_prompt,
        prompts::roll_back::roll_back_prompt,
        prompts::diff::diff_prompt,
        prompts::compose::compose_prompt,
        prompts::test::test_prompt,
        prompts::run_examples::run_prompt_examples,
        prompts::runs::list_prompt_runs,
        examples::create::create_example,
        examples::from_conversation::create_example_from_conversation,
        examples::list::list_examples,
        examples::get::get_example,
        examples::put::put_example,
        examples::remove::remove_example,
        ai_profiles::create::create_ai_profile,
        ai_profiles::list::list_ai_profiles,
        ai_profiles::get::get_ai_profile,
        ai_profiles::change::change_ai_profile,
        base_prompts::draft::draft_base_prompt,
        base_prompts::list::list_base_prompts,
        base_prompts::get::get_base_prompt,
        base_prompts::change::change_base_prompt,
        base_prompts::submit::submit_base_prompt,
        base_prompts::publish::publish_base_prompt,
        base_prompts::roll_back::roll_back_base_prompt,
        base_prompts::diff::diff_base_prompt,
        contacts::list::list_contacts,
        contacts::get::get_contact,
        contacts::show_consent::show_contact_consent,
        contacts::change_consent::change_contact_consent,
        consent::show::show_consent,
        consent::change::change_consent,
        consent::ledger::list_consent_ledger,
        conversations::list::list_conversations,
        conversations::get::get_conversation,
        conversations::messages::list_messages,
        conversations::answer::answer_in_person,
        conversations::refused_sends::list_refused_sends,
        conversations::change::close_conversation,
        conversations::change::reopen_conversation,
        conversations::change::pause_conversation,
        conversations::change::resume_conversation,
        leads::list::list_leads,
        leads::create::create_lead,
        leads::export::export_leads,
        leads::get::get_lead,
        leads::change::change_lead,
        leads::delete::delete_lead,
        leads::set_status::set_lead_status,
        leads::note::add_lead_note,
        leads::tag::tag_lead,
        leads::tag::untag_lead,
        leads::merge::merge_leads,
        leads::unmerge::unmerge_leads,
        chat::chat,
        chat::open_session::open_chat_session,
        chat::messages::list_chat_messages,
        webhooks::twilio_sms::twilio_sms,
        webhooks::twilio_status::twilio_status,
        webhooks::twilio_probe::twilio_probe,
    ),
    components(schemas(ProblemBody, events::stream::EventBody)),
    tags(
        (name = "access", description = "Signing in and out, and who changed what"),
        (name = "members", description = "The people who work for a tenant"),
        (name = "tenants", description = "Businesses on this installation"),
        (name = "usage", description = "What tenants use, what that costs, and how much they may"),
        (name = "credentials", description = "What a tenant's programs and web pages present"),
        (name = "channels", description = "A tenant's addresses, and its accounts at carriers"),
        (name = "prompts", description = "What the receptionist is told, and examples of what it should answer"),
        (name = "conversations", description = "Threads with end customers"),
        (name = "contacts", description = "End customers, and whether they may be written to"),
        (name = "leads", description = "Who may become a customer, and how far the business has come with them"),
        (name = "chat", description = "The chat on web pages"),
        (name = "webhooks", description = "What carriers tell us"),
        (name = "operations", description = "For whoever runs the server")
    ),
    modifiers(&Schemes, &TakenByOperations, &OfTexts, &NeverNull, &Repeatable, &ForReadersOfHttp)
)]
struct Api;

struct Repeatable;

impl Modify for Repeatable {
    /// Every request that does something can be named, so that a repeat does nothing again, except those that exchange
    /// credentials and the one that opens a visitor's session. Carriers name theirs in ways of their own.
    fn modify(&self, document: &mut Document) {
        let takes_name = |path: &str| {
            let is_it = |one: &Operation| one.method == Method::POST && one.path == path;
            let found = OPERATIONS.iter().find(|one| is_it(one));
            path.starts_with("/api/v1/")
                && path != "/api/v1/chat/sessions"
                && found.is_some_and(|one| one.needs != Needs::Nothing)
        };
        let of_api = document.paths.paths.iter_mut().filter(|(path, _)| takes_name(path));
        for operation in of_api.filter_map(|(_, item)| item.post.as_mut()) {
            let key = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]+$"));
            let key = key.min_length(Some(1)).max_length(Some(255));
            let key = ParameterBuilder::new()
                .name(IDEMPOTENCY_KEY)
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(
                    "A name that you make up for this request, such as a random UUID. Repeated with it within 24 \
                     hours, the request is not done again: you get the first answer, with `Idempotency-Replayed: true`",
                ))
                .schema(Some(key));
            operation.parameters.get_or_insert_default().push(key.build().into());
        }
    }
}

struct ForReadersOfHttp;

impl Modify for ForReadersOfHttp {
    /// The handlers' own section on errors speaks to readers of Rust; the problems say the same to callers.
    fn modify(&self, document: &mut Document) {
        for item in document.paths.paths.values_mut() {
            let operations =
                [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            for operation in operations.into_iter().flatten() {
                let text = operation.description.take().unwrap_or_default();
                let kept = text.split("# Errors").next().unwrap_or_default().trim();
                operation.description = (!kept.is_empty()).then(|| kept.to_owned());
            }
        }
    }
}

/// Returns the description.
pub fn document() -> Document {
    Api::openapi()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_description_in_docs_is_current() {
        let kept = include_str!("../../../../docs/openapi.json");
        let current = document().to_pretty_json().unwrap() + "\n";
        assert!(
            kept == current,
            "run `cargo run -p server -- openapi > docs/openapi.json` and look at the change"
        );
    }

    #[test]
    fn every_post_of_the_api_takes_a_name_but_for_those_that_hand_out_credentials() {
        let document = json!(document());
        let mut without = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(post) = item.get("post").filter(|_| path.starts_with("/api/v1/")) else { continue };
            let parameters = post["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
            if !parameters.iter().any(|one| one["name"] == IDEMPOTENCY_KEY) {
                without.push(path.as_str());
            }
        }
        assert_eq!(
            without,
            ["/api/v1/admin/auth", "/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/chat/sessions"]
        );
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_a_summary() {
        let document = json!(document());
        let mut names = std::collections::BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap().to_owned();
                assert!(names.insert(name.clone()), "{name} names two operations");
                assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            }
        }
    }
}
